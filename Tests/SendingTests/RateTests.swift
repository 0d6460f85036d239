import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Sending

@Suite("The provider's rate") struct RateTests {
    /// When each submission came, in seconds after the start.
    private func recordTimes(_ test: SenderUnderTest) -> Watched<[Int64]> {
        let (times, clock) = (Watched<[Int64]>([]), test.clock)
        test.server.answers { _ in
            times.update { $0.append((clock.now - SenderUnderTest.start).components.seconds) }
            return .accept
        }
        return times
    }

    @Test("lets so many messages leave in a minute, and the sender rests in between")
    func messagesPerMinute() async throws {
        let test = try await SenderUnderTest.make { $0.rate.messagesPerMinute = 2 }
        let times = recordTimes(test)
        for _ in 0..<5 { try await test.accept() }
        test.run()
        try await test.server.submissions(atLeast: 2)
        // It would never sleep if it asked again and again.
        try await test.idle()
        #expect(test.server.submissions.count == 2)
        try await test.pass(untilSubmissions: 5)
        await test.stop()
        #expect(times.value == [0, 0, 60, 60, 120])
    }

    @Test("lets so many recipients leave in a day, also across a restart")
    func recipientsPerDay() async throws {
        let before = try await SenderUnderTest.make { $0.rate.recipientsPerDay = 5 }
        let times = recordTimes(before)
        try await before.accept(to: ["a@example.org", "b@example.org", "c@example.org"])
        before.run()
        try await before.pass(untilSubmissions: 1)
        let test = try await before.restarted()
        test.clock.set(to: SenderUnderTest.start + .seconds(3600))
        try await test.accept(to: ["d@example.org", "e@example.org"])
        try await test.accept(to: ["f@example.org"])
        test.run()
        try await test.pass(untilSubmissions: 3)
        await test.stop()
        // The fourth and fifth fit into the day; the sixth waits until the first three are a day old.
        #expect(times.value == [0, 3600, 86400])
    }

    @Test("counts what the server took or may have taken, once", arguments: [true, false])
    func countsWhatWasTaken(restarts: Bool) async throws {
        var test = try await SenderUnderTest.make { $0.rate.recipientsPerDay = 4 }
        test.server.answers { submission in
            switch submission.subject {
            case "refused": .each(["a@example.org": .failed(.unknownUser), "b@example.org": .failed(.unknownUser)])
            case "doubt": .loseReply
            case "later" where submission.number == 3: .fail(.busy)
            default: .accept
            }
        }
        try await test.accept(
            SenderUnderTest.text("refused"), to: ["a@example.org", "b@example.org", "c@example.org"])
        try await test.accept(SenderUnderTest.text("doubt"), to: ["d@example.org"])
        try await test.accept(SenderUnderTest.text("later"), to: ["e@example.org", "f@example.org"])
        test.run()
        try await test.pass(untilSubmissions: 3)
        if restarts {
            test = try await test.restarted()
            test.run()
        }
        // One was taken and one is in doubt; the two that were deferred still fit.
        try await test.pass(untilSubmissions: 4)
        #expect(test.clock.now < SenderUnderTest.start + .seconds(86400))
        try await test.accept(SenderUnderTest.text("more"), to: ["g@example.org"])
        try await test.pass(untilSubmissions: 5)
        #expect(test.clock.now >= SenderUnderTest.start + .seconds(86400))
        await test.stop()
    }

    @Test("is not spent by connections that could not be opened")
    func unopened() async throws {
        let test = try await SenderUnderTest.make { $0.rate.recipientsPerDay = 3 }
        test.server.opens { if $0 == 1 { throw Failure.connectionLost } }
        try await test.accept(to: ["a@example.org", "b@example.org"])
        try await test.accept(to: ["c@example.org"])
        test.run()
        try await test.pass(untilSubmissions: 2)
        await test.stop()
        #expect(test.clock.now < SenderUnderTest.start + .seconds(60))
    }
}
