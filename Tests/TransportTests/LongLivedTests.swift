import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

/// libcurl drops connections that nobody uses once another one starts; ours must stay.
@Suite struct LongLivedTests {
    @Test(
        "a connection idle for three minutes stays open while others come and go",
        .enabled(if: getenv("POSTBOTE_LONG_TESTS") != nil))
    func threeMinutes() async throws {
        let server = try await ScriptedServer.start(Opening.text(.imap, .none) + "C: ping\nS: pong\nREST")
        let loop = EventLoop()
        let connection = try await Connection.open(.local(server.port), on: loop)
        try await Task.sleep(for: .seconds(185))
        for _ in 0..<3 { await (try await Connection.open(.local(server.port), on: loop)).close() }
        try await connection.write("ping\r\n")
        #expect(try await connection.readExactly(6) == bytes("pong\r\n"))
        await connection.close()
    }
}
