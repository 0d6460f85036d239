import Testing

@testable import Diagnostics

@Suite("A trace")
struct TraceTests {
    private struct FrozenClock: WallClock {
        var now: Timestamp { Timestamp(seconds: 1000) }
        func sleep(until deadline: Timestamp) async throws {}
    }

    private static func line(_ text: String) -> TraceLine {
        TraceLine(time: Timestamp(seconds: 1000), .server, service: "imap", connection: 1, text: text)
    }

    @Test(
        "has no character that steers a terminal",
        arguments: [
            ("plain Grüße", "plain Grüße"), ("\u{1b}[2J", "\\u{1b}[2J"), ("a\tb\0", "a\\u{9}b\\u{0}"),
            ("\u{202e}gnp", "\\u{202e}gnp"),
            (String(repeating: "x", count: 1003), String(repeating: "x", count: 1000) + "… [3 more characters]"),
        ])
    func printable(text: String, shown: String) { #expect(Self.line(text).text == shown) }

    @Test("drops and counts what is not read in time, and goes on afterwards")
    func slow() {
        var buffer = TraceBuffer(limit: 2)
        for text in ["a", "b", "c", "d"] { buffer.add(Self.line(text)) }
        let taken = buffer.take(at: Timestamp(seconds: 1000))
        #expect(taken.prefix(2).map(\.text) == ["a", "b"])
        #expect(taken.last?.text == "… 2 lines dropped, because they were not read in time")
        buffer.add(Self.line("e"))
        #expect(buffer.take(at: Timestamp(seconds: 1000)) == [Self.line("e")])
        #expect(buffer.take(at: Timestamp(seconds: 1000)) == [])
    }

    @Test("puts nothing together while nobody listens, and reaches everybody who does")
    func listeners() async {
        let tap = TraceTap(clock: FrozenClock())
        let channel = tap.channel("imap") { $0.replacing("secret", with: "…") }
        func unwanted() -> String {
            Issue.record("put together for nobody")
            return ""
        }
        channel.client(unwanted())
        let (first, second) = (tap.listen(), tap.listen())
        channel.client("A1 NOOP\r\nA2 secret")
        tap.close(first, "over")
        channel.server("A1 OK")
        tap.closeAll("stopping")
        channel.server(unwanted())
        #expect(await first.next()?.map(\.text) == ["A1 NOOP", "A2 …", "over"])
        #expect(await first.next() == nil)
        #expect(await second.next()?.map(\.text) == ["A1 NOOP", "A2 …", "A1 OK", "stopping"])
        #expect(await second.next() == nil)
    }
}
