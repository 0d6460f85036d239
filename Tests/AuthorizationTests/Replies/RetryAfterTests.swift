import Diagnostics
import Testing

@testable import Authorization

@Suite("Retry-After")
struct RetryAfterTests {
    // Sun, 06 Nov 1994 08:49:37 GMT
    let now = Timestamp(seconds: 784_111_777)

    @Test(
        "is read as seconds or as a moment, and never asks for more than an hour",
        arguments: [
            ("0", 0), ("120", 120), (" 7 ", 7), ("99999999999999999999", 3600), ("86400", 3600),
            ("Sun, 06 Nov 1994 08:50:37 GMT", 60), ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
            ("Sun Nov  6 08:50:37 1994", 60), ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
            ("Mon, 07 Nov 1994 08:49:37 GMT", 3600),
        ])
    func read(_ field: String, _ seconds: Int64) {
        #expect(RetryAfter.parse(field, now: now) == .seconds(seconds))
    }

    @Test(
        "is nothing when it cannot be read",
        arguments: [
            "", "soon", "-1", "1.5", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", ",,,,,",
            "Sun, 06 Nov 99999999999 08:49:37 GMT",
        ])
    func unreadable(_ field: String) {
        #expect(RetryAfter.parse(field, now: now) == nil)
    }

    @Test("survives every truncation")
    func truncated() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        for count in 0..<date.count { _ = RetryAfter.parse(String(date.prefix(count)), now: now) }
    }
}
