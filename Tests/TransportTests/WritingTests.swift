import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Transport

@Suite struct WritingTests {
    private func connection(
        _ rest: String, _ tls: Endpoint.TLSMode = .none, on loop: EventLoop = EventLoop()
    ) async throws -> (Connection, ScriptedServer) {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(Opening.text(.smtp, tls) + rest, .mode(tls, certificate))
        return (try await Connection.open(.local(server.port, .smtp, tls, trust: trust), on: loop), server)
    }

    private static let modes: [Endpoint.TLSMode] = [.none, .implicit]
    /// More than the socket buffers of both sides hold.
    private static let large = 32 << 20

    @Test("a write that fills the send buffer goes on when the server reads again", arguments: modes)
    func fullBuffer(tls: Endpoint.TLSMode) async throws {
        let (connection, server) = try await connection("HOLD go\nC= \(Self.large)\nS: done\nREST", tls)
        let sent = Filler.bytes(Self.large)
        let write = Task { try await connection.write(sent, timeout: .seconds(60)) }
        while await connection.writer == nil { await Task.yield() }
        server.proceed("go")
        try await write.value
        #expect(try await connection.readExactly(6) == bytes("done\r\n"))
        await connection.close()
        try await server.finished()
        #expect(server.records.first?.transcript.clientBytes.suffix(sent.count).elementsEqual(sent) == true)
    }

    @Test("a write the server never takes meets its deadline, and nothing may follow it", arguments: modes)
    func timesOut(tls: Endpoint.TLSMode) async throws {
        let (connection, _) = try await connection("STALL", tls)
        let failure = try await thrown {
            try await connection.write(Filler.bytes(Self.large), timeout: .milliseconds(300))
        }
        #expect(failure.operation == "write")
        #expect(failure.reason.contains("within 300 ms"))
        let next = try await thrown { try await connection.write("x") }
        #expect(next.reason.contains("left unfinished"))
        await connection.close()
    }

    @Test("a cancelled write ends at once, and nothing may follow it", arguments: modes)
    func cancelled(tls: Endpoint.TLSMode) async throws {
        let (connection, _) = try await connection("STALL", tls)
        let write = Task { try await connection.write(Filler.bytes(Self.large), timeout: .seconds(600)) }
        while await connection.writer == nil { await Task.yield() }
        write.cancel()
        await #expect(throws: CancellationError.self) { try await write.value }
        let next = try await thrown { try await connection.write("x") }
        #expect(next.reason.contains("left unfinished"))
        await connection.close()
    }

    @Test("a read goes on while a write waits", arguments: modes)
    func bothWays(tls: Endpoint.TLSMode) async throws {
        let count = 4 << 20
        let (connection, server) = try await connection(
            "WAIT open\nS= \(count)\nHOLD go\nC= \(Self.large)\nS: done\nREST", tls)
        // What comes together with the reply to EHLO is libcurl's, and no server sends it.
        server.proceed("open")
        let write = Task { try await connection.write(Filler.bytes(Self.large), timeout: .seconds(60)) }
        let read = try await connection.readExactly(count)
        #expect(read.suffix(count).count == count)
        server.proceed("go")
        try await write.value
        await connection.close()
    }

    @Test("a server that has closed an idle connection is noticed before anything is sent", arguments: modes)
    func closedByServer(tls: Endpoint.TLSMode) async throws {
        let (connection, server) = try await connection("WAIT go\nS: 421 idle too long\nCLOSE", tls)
        server.proceed("go")
        // Its goodbye can still be read; then it is the end.
        #expect(try await connection.awaitData(for: .seconds(60)))
        #expect(try await connection.readExactly(19) == bytes("421 idle too long\r\n"))
        #expect(try await connection.read(timeout: .seconds(60)).isEmpty)
        let failure = try await thrown { try await connection.write("MAIL FROM:<>\r\n") }
        #expect(failure.reason.contains("has closed the connection"))
        #expect(failure.retry == .now)
        await connection.close()
    }

    @Test("writing to a connection that was reset is a failure, not the end of the program", arguments: modes)
    func reset(tls: Endpoint.TLSMode) async throws {
        let (connection, server) = try await connection("WAIT go\nRESET", tls)
        server.proceed("go")
        try await server.finished()
        _ = try await thrown {
            // The reset may still be on its way.
            while true { try await connection.write(Filler.bytes(65536), timeout: .seconds(60)) }
        }
        await connection.close()
    }

    @Test("nothing to write is written at once")
    func empty() async throws {
        let (connection, _) = try await connection("REST")
        try await connection.write([], timeout: .seconds(1))
        await connection.close()
    }

    @Test("closing ends a write under way")
    func closedWhileWriting() async throws {
        let (connection, _) = try await connection("STALL", .implicit)
        let write = Task { try await connection.write(Filler.bytes(Self.large), timeout: .seconds(600)) }
        while await connection.writer == nil { await Task.yield() }
        await connection.close()
        let failure = try await thrown { try await write.value }
        #expect(failure.reason.contains("closed on our side"))
    }
}
