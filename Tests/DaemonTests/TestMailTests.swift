import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Daemon

@Suite("Doctor's test mail") struct TestMailTests {
    private static let mail = TestMail(
        from: MailAddress("anna@x.test")!, to: MailAddress("bob@y.test")!, account: AccountName("anna")!,
        at: Timestamp(seconds: 1_800_000_000))

    private static func summary(_ header: String) throws -> MessageSummary {
        MessageSummary(uid: try #require(UID(1)), headers: MessageHeaders(Array("\(header)\r\n\r\n".utf8)))
    }

    @Test("is known again by its Message-ID alone, and by no other")
    func known() throws {
        let mail = Self.mail
        #expect(mail.isSame(as: try Self.summary("Message-ID: \(mail.messageID)\r\nSubject: changed")))
        let another = TestMail(
            from: MailAddress("anna@x.test")!, to: MailAddress("bob@y.test")!, account: AccountName("anna")!,
            at: Timestamp(seconds: 1_800_000_000))
        #expect(!mail.isSame(as: try Self.summary("Message-ID: \(another.messageID)")))
        #expect(!mail.isSame(as: try Self.summary("Subject: Postbote doctor: test of account anna")))
        #expect(!mail.isSame(as: MessageSummary(uid: try #require(UID(1)))))
    }

    @Test("is a message as RFC 5322 wants it, read from any offset")
    func content() async throws {
        let octets = try await Self.mail.read(from: 0)
        let text = String(decoding: octets, as: UTF8.self)
        let headers = MessageHeaders(octets)
        #expect(headers.hasEnd && headers.messageID == Self.mail.messageID)
        #expect(headers.date == Timestamp(seconds: 1_800_000_000))
        #expect(text.hasSuffix("\r\n") && !text.replacing("\r\n", with: "").utf8.contains { $0 < 0x20 || $0 > 0x7E })
        #expect(try await Self.mail.read(from: 7) == Array(octets.dropFirst(7)))
        #expect(try await Self.mail.read(from: Int64(octets.count)).isEmpty)
        #expect(try Self.mail.envelope().size == Int64(octets.count))
    }

    @Test("is looked for until it is there", arguments: [0, 1, 4])
    func found(after looks: Int) async throws {
        let clock = TestClock()
        let begun = clock.now
        let counter = Watched(0)
        async let outcome = TestMailSearch(clock: clock) {
            counter.update { count in
                count += 1
                return count > looks
            }
        }.run()
        for _ in 0..<looks { try await clock.advanceToNextDeadline() }
        #expect(try await outcome == .found(after: clock.now - begun))
        #expect(counter.value == looks + 1)
    }

    @Test("is given up in the end")
    func missing() async throws {
        let clock = TestClock()
        let looked = Watched(0)
        async let outcome = TestMailSearch(clock: clock) {
            // The clock has passed the time by the second look.
            if looked.update({ count in
                count += 1
                return count == 2
            }) {
                clock.advance(by: .seconds(100))
            }
            return false
        }.run()
        try await clock.advanceToNextDeadline()
        #expect(try await outcome == .missing(after: .seconds(103)))
    }
}
