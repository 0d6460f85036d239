import CMovedClock
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

/// libcurl drops connections that nobody uses once another one starts; ours must stay.
@Suite struct LongLivedTests {
    @Test("a connection idle for three minutes of libcurl's clock stays open while others come and go")
    func threeMinutesAhead() async {
        // In a process of its own, whose libcurl is told that three minutes have passed.
        await #expect(processExitsWith: .success) {
            alarm(60)
            let certificate = try await ServerCertificate.localhost()
            let (directory, trust) = try certificate.trusted()
            defer { withExtendedLifetime(directory) {} }
            let server = try await ScriptedServer.start(
                Opening.text(.imap, .implicit) + "C: ping\nS: pong\nREST", .implicit(certificate))
            let request = ConnectionRequest.local(server.port, .imap, .implicit, trust: trust)
            let loop = EventLoop()
            let connection = try await Connection.open(request, on: loop)
            moved_clock_advance(185)
            for _ in 0..<3 { await (try await Connection.open(request, on: loop)).close() }
            try await connection.pingPong(1)
            await connection.close()
        }
    }

    @Test(
        "a connection idle for three minutes stays open while others come and go",
        .enabled(if: getenv("POSTBOTE_LONG_TESTS") != nil))
    func threeMinutes() async throws {
        let server = try await ScriptedServer.start(Opening.text(.imap, .none) + "C: ping\nS: pong\nREST")
        let loop = EventLoop()
        let connection = try await Connection.open(.local(server.port), on: loop)
        try await Task.sleep(for: .seconds(185))
        for _ in 0..<3 { await (try await Connection.open(.local(server.port), on: loop)).close() }
        try await connection.pingPong(1)
        await connection.close()
    }
}
