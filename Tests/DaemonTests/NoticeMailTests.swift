import Testing

@testable import Daemon

@Suite("A mail to the administrator") struct NoticeMailTests {
    @Test("has lines that mail can carry, and breaks no shorter ones")
    func lines() {
        let command = "postbote authorize anna --device"
        let words = Array(repeating: "a-rather-long-name-of-an-account,", count: 100).joined(separator: " ")
        let mail = NoticeMail(key: "k", subject: "s", text: "\(words)\n\n\(command)\n")
        let text = String(
            decoding: mail.octets(from: "a@b.example", to: "c@d.example", hostName: "host"), as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.allSatisfy { $0.utf8.count < 998 && !$0.contains("\n") })
        #expect(lines.contains(command) && lines.last == "")
        #expect(lines.drop { !$0.isEmpty }.prefix { $0 != command }.joined(separator: " ").contains(words))
    }
}
