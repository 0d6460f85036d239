import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Sending

@Suite("A direction that is parked") struct ParkingTests {
    @Test("counts no attempt, whether the sign-in or the message was refused", arguments: [true, false])
    func countsNothing(atSignIn: Bool) async throws {
        let test = try await SenderUnderTest.make()
        if atSignIn {
            test.server.opens { if $0 <= 2 { throw Failure.notAllowed } }
        } else {
            test.server.opens { if $0 == 2 { throw Failure.notAllowed } }
            test.server.answers { $0.number == 1 ? .fail(.notAllowed) : .accept }
        }
        let id = try await test.accept().id
        test.run()
        try await test.server.openings(atLeast: 1)
        try await test.idle()
        #expect(await test.sender.status.health.state == .needsAdmin)
        let waiting = try await test.message(id)
        #expect(waiting.state == .queued)
        #expect(waiting.attempts == 0)
        #expect(try await test.recipients(id) == [.queued])
        // Probed after five minutes, in vain, and after fifteen.
        try await test.pass(until: "a second opening") { $0.openings == 2 }
        #expect(test.clock.now == SenderUnderTest.start + .seconds(300))
        try await test.pass(until: "a third opening") { $0.openings == 3 }
        #expect(test.clock.now == SenderUnderTest.start + .seconds(900))
        try await test.server.submissions(atLeast: atSignIn ? 1 : 2)
        await test.stop()
        #expect(await test.sender.status.health.state == .ok)
        let sent = try await test.message(id)
        #expect(sent.state == .sent)
        #expect(sent.attempts == 1)
        let changes = test.recorder.events(.accountStateChanged)
        #expect(changes.count == 2, "the operator is told once that it is parked, and once that it is over")
    }

    @Test("is not mended by a sign-in when messages are what is refused, but by a message")
    func refusedAfterSignIn() async throws {
        let test = try await SenderUnderTest.make { $0.rate.connections = 4 }
        test.server.answers { [clock = test.clock] _ in
            clock.now < SenderUnderTest.start + .seconds(3600) ? .fail(.notAllowed) : .accept
        }
        var ids: [QueueID] = []
        for _ in 0..<8 { ids.append(try await test.accept().id) }
        test.run()
        try await test.server.submissions(atLeast: 1)
        try await test.idle()
        // All connections may have tried at first; until one message goes through, one learns that none does.
        for second in [300, 900] {
            let known = test.server.submissions.count
            try await test.pass(until: "a probe") { $0.submissions.count > known }
            try await test.idle()
            #expect(test.clock.now == SenderUnderTest.start + .seconds(second))
            #expect(test.server.submissions.count == known + 1)
        }
        let refused = test.server.submissions.count
        try await test.pass(until: "a probe that succeeds") { $0.submissions.count > refused }
        #expect(test.clock.now == SenderUnderTest.start + .seconds(3600))
        // Connections that have nothing more to send sleep meanwhile, and time passes for them.
        try await test.pass(until: "all messages") { $0.submissions.count >= refused + 8 }
        await test.stop()
        for id in ids { #expect(try await test.message(id).state == .sent) }
        let changes = test.recorder.events(.accountStateChanged)
        #expect(changes.count == 2, "the operator is told once that it is parked, and once that it is over")
    }

    @Test("is mended by a sign-in when no message is left that could be refused")
    func refusedMessageGone() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { _ in .fail(.notAllowed) }
        let id = try await test.accept().id
        test.run()
        try await test.server.submissions(atLeast: 1)
        try await test.idle()
        _ = try await test.store.write { [now = test.clock.now] in try $0.queue.order(.cancel, id, at: now) }
        try await test.pass(until: "a second opening") { $0.openings == 2 }
        await test.stop()
        #expect(await test.sender.status.health.state == .ok)
    }

    @Test("is tried at once when somebody changed something")
    func atOnce() async throws {
        let test = try await SenderUnderTest.make()
        test.server.opens { if $0 == 1 { throw Failure.notAllowed } }
        try await test.accept()
        test.run()
        try await test.server.openings(atLeast: 1)
        try await test.idle()
        await test.sender.tryAtOnce()
        try await test.server.submissions(atLeast: 1)
        #expect(test.clock.now == SenderUnderTest.start)
        await test.stop()
    }

    @Test("is tried once more when somebody changed something while it was being tried")
    func atOnceDuringATry() async throws {
        let test = try await SenderUnderTest.make()
        let gate = Gate()
        test.server.opens {
            if $0 == 2 { try await gate.passed() }
            if $0 <= 2 { throw Failure.notAllowed }
        }
        try await test.accept()
        test.run()
        try await test.server.openings(atLeast: 1)
        try await test.idle()
        await test.sender.tryAtOnce()
        try await test.server.openings(atLeast: 2)
        await test.sender.tryAtOnce()
        gate.open()
        try await test.server.submissions(atLeast: 1)
        #expect(test.clock.now == SenderUnderTest.start)
        await test.stop()
    }

    @Test("does not age its messages")
    func ageless() async throws {
        let test = try await SenderUnderTest.make { $0.maxAge = .seconds(3600) }
        test.server.opens { [clock = test.clock] _ in
            if clock.now < SenderUnderTest.start + .seconds(36000) { throw Failure.notAllowed }
        }
        let id = try await test.accept().id
        test.run()
        try await test.pass(untilSubmissions: 1)
        await test.stop()
        #expect(try await test.message(id).state == .sent)
        #expect(try await test.parking().since == nil)
        #expect(try await test.parking().total >= .seconds(36000 - 900))
    }

    @Test("ages them again once a message has left, also when the server could not be reached in between")
    func agesAgain() async throws {
        let test = try await SenderUnderTest.make()
        test.server.opens { number in
            switch number {
            case 1: throw Failure.notAllowed
            case 2: throw Failure.connectionLost
            default: break
            }
        }
        try await test.accept()
        test.run()
        try await test.server.openings(atLeast: 1)
        try await test.idle()
        #expect(try await test.parking().since == SenderUnderTest.start)
        try await test.pass(untilSubmissions: 1)
        await test.stop()
        #expect(try await test.parking().since == nil)
    }

    @Test("ages them again once a message has left after a restart")
    func agesAgainAfterRestart() async throws {
        let before = try await SenderUnderTest.make()
        before.server.opens { if $0 == 1 { throw Failure.notAllowed } }
        try await before.accept()
        before.run()
        try await before.server.openings(atLeast: 1)
        try await before.idle()
        let test = try await before.restarted()
        #expect(try await test.parking().since != nil)
        test.run()
        try await test.server.submissions(atLeast: 1)
        await test.stop()
        #expect(try await test.parking().since == nil)
    }

    @Test("holds its messages after parked_max, although nothing can be sent")
    func parkedMax() async throws {
        let test = try await SenderUnderTest.make { $0.parkedMax = .seconds(7200) }
        test.server.opens { _ in throw Failure.notAllowed }
        let old = try await test.accept().id
        test.run()
        try await test.pass(until: "an hour of probes") { $0.openings == 4 }
        let young = try await test.accept().id
        // The first has been parked for three hours then, the second for two.
        try await test.pass(until: "two more hours of probes") { $0.openings == 6 }
        await test.stop()
        let held = try await test.message(old)
        #expect(held.state == .held)
        #expect(held.holdReason?.contains("parked_max") == true)
        #expect(try await test.message(young).state == .queued)
        #expect(test.recorder.events(.messageHeld).count == 1)
    }

    @Test("is probed although nothing waits, so that its end is seen")
    func probedWithoutMail() async throws {
        let test = try await SenderUnderTest.make()
        test.server.opens { if $0 == 1 { throw Failure.notAllowed } }
        let id = try await test.accept().id
        test.run()
        try await test.server.openings(atLeast: 1)
        try await test.idle()
        _ = try await test.store.write { [now = test.clock.now] in try $0.queue.order(.cancel, id, at: now) }
        try await test.pass(until: "a second opening") { $0.openings == 2 }
        await test.stop()
        #expect(await test.sender.status.health.state == .ok)
        #expect(test.server.submissions.isEmpty)
    }
}

@Suite("A server that cannot be reached") struct UnreachableServerTests {
    @Test("is tried again soon, and then a connection first, before any message is touched")
    func retried() async throws {
        let test = try await SenderUnderTest.make()
        test.server.opens { if $0 <= 3 { throw Failure.connectionLost } }
        let id = try await test.accept().id
        test.run()
        try await test.pass(untilSubmissions: 1)
        await test.stop()
        let passed = test.clock.now - SenderUnderTest.start
        #expect(passed >= .seconds(84) && passed <= .seconds(126), "15, 30 and 60 seconds, give or take a fifth")
        let message = try await test.message(id)
        #expect(message.state == .sent)
        #expect(message.attempts == 1)
    }

    @Test("does not keep messages from failing after max_age")
    func maxAge() async throws {
        let test = try await SenderUnderTest.make { $0.maxAge = .seconds(3600) }
        test.server.opens { _ in throw Failure.connectionLost }
        let old = try await test.accept().id
        let later = try await test.accept { $0.notBefore = SenderUnderTest.start + .seconds(3000) }.id
        test.run()
        try await test.pass(until: "more than an hour of tries") { [clock = test.clock] _ in
            clock.now > SenderUnderTest.start + .seconds(5000)
        }
        await test.stop()
        #expect(try await test.message(old).state == .failed)
        #expect(try await test.recipients(old) == [.failed])
        #expect(try await test.message(later).state == .queued, "it does not age before it may leave")
        #expect(test.recorder.events(.messageFailed).count == 1)
    }
}
