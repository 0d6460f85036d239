import Diagnostics
import MailModel
import MailProtocol
import TestSupport
import Testing

@testable import Sending

@Suite("Connections") struct ConnectionsTests {
    @Test("never take the same message, and all are used")
    func severalConnections() async throws {
        let test = try await SenderUnderTest.make { $0.rate.connections = 3 }
        // Nobody goes on before three connections have a message each.
        let everybody = test.server.state
        test.server.answers { _ in
            try? await everybody.wait(for: "three connections at work") { $0.begun >= 3 }
            return .accept
        }
        for number in 0..<40 { try await test.accept(SenderUnderTest.text("\(number)")) }
        test.run()
        try await test.server.submissions(atLeast: 40)
        await test.stop()
        let subjects = test.server.submissions.compactMap(\.subject)
        #expect(subjects.count == 40)
        #expect(Set(subjects).count == 40)
        #expect(Set(test.server.submissions.map(\.connection)) == [1, 2, 3])
        #expect(test.recorder.events(.messageSent).count == 40)
    }

    @Test("take one message after the other, and are kept a while for more")
    func reused() async throws {
        let test = try await SenderUnderTest.make()
        for _ in 0..<10 { try await test.accept() }
        test.run()
        try await test.server.submissions(atLeast: 10)
        try await test.idle()
        try await test.accept()
        await test.sender.wake()
        try await test.server.submissions(atLeast: 11)
        await test.stop()
        #expect(test.server.state.value.openings == 1)
        #expect(test.server.state.value.open.isEmpty)
    }

    @Test("are closed when no more comes")
    func closed() async throws {
        let test = try await SenderUnderTest.make()
        try await test.accept()
        test.run()
        try await test.server.submissions(atLeast: 1)
        try await test.clock.advanceToNextDeadline()
        try await test.server.state.wait(for: "the connection to be closed") { $0.open.isEmpty }
        #expect(test.clock.now == SenderUnderTest.start + .seconds(20))
        await test.stop()
    }

    @Test("that the server has left are replaced before the next message")
    func replaced() async throws {
        let test = try await SenderUnderTest.make()
        test.server.answers { $0.number == 2 ? .acceptAndClose : .accept }
        for _ in 0..<4 { try await test.accept() }
        test.run()
        try await test.server.submissions(atLeast: 4)
        await test.stop()
        #expect(test.server.submissions.map(\.connection) == [1, 1, 2, 2])
    }

    @Test("cost two commits a message, one more for all")
    func commits() async throws {
        let test = try await SenderUnderTest.make()
        for _ in 0..<20 { try await test.accept() }
        let counter = await CrashAfterCommits.count(test.store)
        test.run()
        try await test.server.submissions(atLeast: 20)
        await test.stop()
        #expect(counter.commits == 2 * 20 + 1)
    }

    @Test("wait for work at rest while another one is still being opened")
    func opening() async throws {
        let test = try await SenderUnderTest.make { $0.rate.connections = 2 }
        let go = Gate()
        test.server.opens { if $0 == 2 { try await go.passed() } }
        for _ in 0..<2 { try await test.accept() }
        test.run()
        try await test.server.submissions(atLeast: 1)
        // The one that lingers rests; it would never sleep if it asked again and again for the message that the other one
        // has taken.
        try await test.idle()
        #expect(test.server.submissions.count == 1)
        go.open()
        try await test.server.submissions(atLeast: 2)
        await test.stop()
    }

    @Test("find out one at a time what is wrong, and are all used once it is mended")
    func probe() async throws {
        let test = try await SenderUnderTest.make { $0.rate.connections = 3 }
        test.server.opens { _ in throw Failure.connectionLost }
        for _ in 0..<6 { try await test.accept() }
        test.run()
        try await test.server.openings(atLeast: 1)
        try await test.idle()
        #expect(test.server.state.value.openings == 1)
        let hold = Gate()
        let everybody = test.server.state
        test.server.opens { _ in try await hold.passed() }
        test.server.answers { _ in
            try? await everybody.wait(for: "three connections at work") { $0.begun >= 3 }
            return .accept
        }
        try await test.pass(until: "a probe") { $0.openings == 2 }
        #expect(test.server.state.value.openings == 2)
        hold.open()
        try await test.server.submissions(atLeast: 6)
        await test.stop()
    }
}
