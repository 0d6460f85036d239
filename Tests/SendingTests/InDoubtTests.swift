import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Sending

@Suite("A message is in doubt") struct InDoubtTests {
    @Test("when the reply to the final dot is lost, and is not sent again by itself")
    func replyLost() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { $0.subject == "doubt" ? .loseReply : .accept }
        let id = try await test.accept(SenderUnderTest.text("doubt")).id
        test.run()
        try await test.pass(untilSubmissions: 1)
        try await test.idle()
        #expect(try await test.message(id).state == .inDoubt)
        #expect(test.recorder.events(.messageInDoubt).count == 1)
        // What is sent weeks later does not take it along.
        try await test.accept(SenderUnderTest.text("later")) {
            $0.notBefore = SenderUnderTest.start + .seconds(30 * 86400)
        }
        try await test.pass(untilSubmissions: 2)
        await test.stop()
        #expect(test.server.submissions.map(\.subject) == ["doubt", "later"])
        #expect(try await test.message(id).state == .inDoubt)
    }

    @Test("never when the connection broke before the final dot: it is sent again")
    func lostBefore() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { $0.number == 1 ? .fail(.connectionLost) : .accept }
        let id = try await test.accept().id
        test.run()
        try await test.pass(untilSubmissions: 2)
        await test.stop()
        #expect(try await test.message(id).state == .sent)
        #expect(test.recorder.events(.messageInDoubt).isEmpty)
    }

    @Test("never for a recipient whom the server had refused before the final dot")
    func refusedBefore() async throws {
        let test = try await SenderUnderTest.make()
        let (marked, go) = (Gate(), Gate())
        test.server.answers { submission in
            guard submission.number > 1 else {
                return .each(["b@example.org": .failed(.unknownUser), "c@example.org": .deferred(.busy)])
            }
            return .acceptAfter {
                marked.open()
                try? await go.passed()
            }
        }
        let id = try await test.accept(to: ["a@example.org", "b@example.org", "c@example.org"]).id
        test.run()
        try await test.pass(until: "the second final dot") { $0.begun == 2 }
        try await marked.passed()
        #expect(try await test.recipients(id) == [.sent, .failed, .sending])
        // As a crash leaves it.
        let ended = try await test.store.write { [now = test.clock.now] in try $0.queue.endInterrupted(at: now) }
        #expect(ended.map(\.state) == [.inDoubt])
        #expect(try await test.recipients(id) == [.sent, .failed, .inDoubt])
        go.open()
        await test.stop()
        #expect(try await test.recipients(id) == [.sent, .failed, .inDoubt], "a late reply changes nothing")
    }

    @Test("never because the daemon stops: past the final dot the reply is awaited")
    func stoppedAfterTheDot() async throws {
        let test = try await SenderUnderTest.make()
        let (dotted, reply, cancelled) = (Gate(), Gate(), Watched(false))
        test.server.answers { _ in
            .acceptAfter {
                dotted.open()
                try? await reply.passed()
                cancelled.update { $0 = Task.isCancelled }
            }
        }
        let id = try await test.accept().id
        test.run()
        try await dotted.passed()
        test.cancel()
        reply.open()
        await test.stop()
        #expect(!cancelled.value)
        #expect(try await test.message(id).state == .sent)
    }

    @Test("never because the daemon stops before the final dot: it waits for its next try")
    func stoppedBeforeTheDot() async throws {
        let test = try await SenderUnderTest.make()
        let (begun, go) = (Gate(), Gate())
        test.server.answers { _ in
            begun.open()
            try? await go.passed()
            return .accept
        }
        let id = try await test.accept().id
        test.run()
        try await begun.passed()
        await test.stop()
        let message = try await test.message(id)
        #expect(message.state == .deferred || message.state == .queued)
        #expect(try await test.store.write { try $0.queue.endInterrupted(at: .init(seconds: 0)) }.isEmpty)
        #expect(test.recorder.events(.messageInDoubt).isEmpty)
    }

    @Test("never because the reply could not be written down at once")
    func storageTrouble() async throws {
        let test = try await SenderUnderTest.make()
        let store = test.store
        test.server.answers { _ in .acceptAfter { await FailingCommits.arm(store) } }
        let id = try await test.accept().id
        test.run()
        try await test.server.submissions(atLeast: 1)
        try await test.idle()
        #expect(try await test.message(id).state == .sending)
        #expect(await store.recover() == .ok)
        try await test.clock.advanceToNextDeadline()
        try await test.idle()
        #expect(try await test.message(id).state == .sent)
        #expect(test.server.submissions.count == 1)
        await test.stop()
    }

    @Test("until an operator has it sent again")
    func retried() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { $0.number == 1 ? .loseReply : .accept }
        let id = try await test.accept().id
        test.run()
        try await test.pass(untilSubmissions: 1)
        try await test.idle()
        let state = try await test.store.write { [now = test.clock.now] in try $0.queue.order(.retry, id, at: now) }
        #expect(state == .queued)
        await test.sender.wake()
        try await test.server.submissions(atLeast: 2)
        await test.stop()
        #expect(try await test.message(id).state == .sent)
    }
}
