import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Sending

@Suite("Taking a message in") struct IntakeTests {
    private func content(_ id: QueueID, _ test: SenderUnderTest) async throws -> String {
        let body = try await test.store.body(of: id)
        var octets: [UInt8] = []
        while case let piece = try await body.read(from: Int64(octets.count)), !piece.isEmpty { octets += piece }
        return String(decoding: octets, as: UTF8.self)
    }

    private func queued(_ test: SenderUnderTest) async throws -> Int {
        try await test.store.read { try $0.queue.list().count }
    }

    @Test("the same message under the same key is the same message, although its date was filled in")
    func sameKey() async throws {
        let test = try await SenderUnderTest.make()
        let first = try await test.accept { $0.idempotencyKey = "order-1" }
        test.clock.advance(by: .seconds(3600))
        let second = try await test.accept { $0.idempotencyKey = "order-1" }
        #expect(first.isNew && !second.isNew)
        #expect(first.id == second.id)
        #expect(try await queued(test) == 1)
        #expect(test.recorder.events(.messageQueued).count == 1)
    }

    @Test(
        "another message under the same key is refused for good",
        arguments: [("y", ["b@example.org"]), ("x", ["c@example.org"]), ("x", ["b@example.org", "c@example.org"])])
    func otherMessage(subject: String, recipients: [String]) async throws {
        let test = try await SenderUnderTest.make()
        let first = try await test.accept { $0.idempotencyKey = "order-1" }
        let failure = await #expect(throws: Failure.self) {
            try await test.accept(SenderUnderTest.text(subject), to: recipients) { $0.idempotencyKey = "order-1" }
        }
        // Exit status 65.
        #expect(failure?.scope == .message)
        #expect(failure?.retry == .never)
        #expect(failure?.reason.contains(first.id.description) == true)
        #expect(try await queued(test) == 1)
    }

    @Test("messages under other keys, or under none, are other messages, with Message-IDs of their own")
    func otherKeys() async throws {
        let test = try await SenderUnderTest.make()
        let receipts = [
            try await test.accept { $0.idempotencyKey = "order-1" },
            try await test.accept { $0.idempotencyKey = "order-2" }, try await test.accept(), try await test.accept(),
        ]
        #expect(receipts.map(\.isNew) == [true, true, true, true])
        var identifiers: Set<String> = []
        for receipt in receipts { identifiers.insert(try #require(try await test.message(receipt.id).messageID)) }
        #expect(identifiers.count == 4)
    }

    @Test("what is missing is completed, and what must not be seen is removed")
    func completed() async throws {
        let test = try await SenderUnderTest.make()
        let text = "From: \(SenderUnderTest.author)\nTo: b@example.org\nBcc: c@example.org\nSubject: x\n\nHello.\n"
        let id = try await test.accept(text, to: []) { $0.takesRecipientsFromHeader = true }.id
        let stored = try await content(id, test)
        #expect(stored.contains("\r\nDate: ") || stored.hasPrefix("Date: "))
        #expect(stored.contains("Message-ID: <"))
        #expect(!stored.contains("c@example.org"))
        #expect(stored.hasSuffix("\r\n\r\nHello.\r\n"))
        let recipients = try await test.store.read { try $0.queue.recipients(id).map(\.address) }
        #expect(recipients == ["b@example.org", "c@example.org"])
        #expect(try await test.message(id).reversePath == SenderUnderTest.author)
    }

    @Test("the null reverse-path is no sender that must be allowed, and is kept")
    func nullReversePath() async throws {
        let test = try await SenderUnderTest.make()
        let receipt = try await test.accept("From: \(SenderUnderTest.author)\r\nSubject: away\r\n\r\nx\r\n") {
            $0.sender = .null
        }
        #expect(try await test.message(receipt.id).reversePath == "")
    }

    @Test(
        "a sender that the account does not allow is refused, in From and in the envelope",
        arguments: [("stranger@example.org", nil), (SenderUnderTest.author, "stranger@example.org")])
    func foreignSender(from: String, reversePath: String?) async throws {
        let test = try await SenderUnderTest.make()
        let failure = await #expect(throws: Failure.self) {
            try await test.accept("From: \(from)\r\nSubject: x\r\n\r\nx\r\n") {
                $0.sender = reversePath.flatMap { MailAddress($0) }.map { .address($0) } ?? .author
            }
        }
        #expect(failure?.retry == .never)
        #expect(failure?.reason.contains("stranger@example.org") == true)
        #expect(try await queued(test) == 0)
    }

    @Test("a whole domain may be allowed", arguments: ["sales@example.test", "Sales@EXAMPLE.test"])
    func domain(from: String) async throws {
        let test = try await SenderUnderTest.make { $0.from = ["@example.test"] }
        #expect(try await test.accept("From: \(from)\r\nSubject: x\r\n\r\nx\r\n").isNew)
        await #expect(throws: Failure.self) {
            try await test.accept("From: a@sub.example.test\r\nSubject: x\r\n\r\nx\r\n")
        }
    }

    @Test("nothing is kept, and the reason said, when the message cannot be stored")
    func storageTrouble() async throws {
        let test = try await SenderUnderTest.make()
        await FailingCommits.arm(test.store)
        let failure = await #expect(throws: Failure.self) { try await test.accept() }
        #expect(failure?.scope == .daemon)
        #expect(await test.store.recover() == .ok)
        #expect(try await queued(test) == 0)
        #expect(test.recorder.events(.messageQueued).isEmpty)
    }
}
