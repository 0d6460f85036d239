import Diagnostics
import MailModel
import MailProtocol
import TestSupport
import Testing

@testable import Sending

@Suite("A message that is not accepted") struct DeferralTests {
    @Test("is deferred on a temporary refusal and tried again in about a minute, then in about five")
    func deferred() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { $0.number < 3 ? .fail(.busy) : .accept }
        let id = try await test.accept().id
        test.run()
        try await test.pass(untilSubmissions: 1)
        try await test.pass(untilSubmissions: 2)
        let second = test.clock.now - SenderUnderTest.start
        #expect(second >= .seconds(51) && second <= .seconds(69))
        try await test.pass(untilSubmissions: 3)
        let third = test.clock.now - SenderUnderTest.start - second
        #expect(third >= .seconds(255) && third <= .seconds(345))
        await test.stop()
        let message = try await test.message(id)
        #expect(message.state == .sent)
        #expect(message.attempts == 3)
        let attempts = try await test.store.read { try $0.queue.attempts(id) }
        #expect(attempts.map(\.outcome) == [.sent, .deferred, .deferred])
        #expect(test.recorder.events(.messageDeferred).count == 2)
        #expect(test.recorder.events(.messageSent).count == 1)
    }

    @Test("goes to those whom the server takes, fails for those whom it never will, and waits for the others")
    func perRecipient() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { submission in
            submission.number == 1
                ? .each(["b@example.org": .failed(.unknownUser), "c@example.org": .deferred(.busy)]) : .accept
        }
        let id = try await test.accept(to: ["a@example.org", "b@example.org", "c@example.org"]).id
        test.run()
        try await test.pass(untilSubmissions: 1)
        try await test.idle()
        #expect(try await test.recipients(id) == [.sent, .failed, .deferred])
        #expect(try await test.message(id).state == .deferred)
        try await test.pass(untilSubmissions: 2)
        await test.stop()
        #expect(test.server.submissions.map(\.recipients.count) == [3, 1])
        #expect(test.server.submissions[1].recipients == ["c@example.org"])
        #expect(try await test.recipients(id) == [.sent, .failed, .sent])
        #expect(try await test.message(id).state == .failed, "an operator must learn of the one that failed")
    }

    @Test("fails when nobody takes it, and is not tried again")
    func failed() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { _ in .each(["b@example.org": .failed(.unknownUser)]) }
        let id = try await test.accept().id
        test.run()
        try await test.pass(untilSubmissions: 1)
        await test.stop()
        #expect(try await test.message(id).state == .failed)
        #expect(test.recorder.events(.messageFailed).count == 1)
        let again = try await test.restarted()
        again.run()
        try await again.idle()
        #expect(again.server.submissions.count == 1)
        await again.stop()
    }

    @Test("waits for as long as the server asks")
    func hint() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { submission in
            let asked = Failure(.message, .later(after: .seconds(4000)), operation: "send", reason: "Greylisted.")
            return submission.number == 1 ? .fail(asked) : .accept
        }
        try await test.accept()
        test.run()
        try await test.pass(untilSubmissions: 2)
        await test.stop()
        #expect(test.clock.now >= SenderUnderTest.start + .seconds(4000))
    }

    @Test("has its next try recorded while the attempt runs")
    func recordedBefore() async throws {
        let test = try await SenderUnderTest.make()
        let id = try await test.accept().id
        let (seen, store) = (Watched<QueuedState?>(nil), test.store)
        test.server.answers { _ in
            let message = try? await store.read { try $0.queue.find(id) }
            seen.update { $0 = message.flatMap { $0 }.map { QueuedState(state: $0.state, next: $0.nextAttempt) } }
            return .accept
        }
        test.run()
        try await test.server.submissions(atLeast: 1)
        await test.stop()
        #expect(seen.value?.state == .sending)
        #expect(seen.value.map { $0.next > SenderUnderTest.start } == true)
    }

    private struct QueuedState: Sendable {
        var state: QueueState
        var next: Timestamp
    }

    @Test("leaves no sooner than its author allows")
    func notBefore() async throws {
        let test = try await SenderUnderTest.make()
        try await test.accept { $0.notBefore = SenderUnderTest.start + .seconds(5000) }
        test.run()
        try await test.pass(untilSubmissions: 1)
        await test.stop()
        #expect(test.clock.now >= SenderUnderTest.start + .seconds(5000))
    }
}
