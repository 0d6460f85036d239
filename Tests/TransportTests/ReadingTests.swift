import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Transport

@Suite struct ReadingTests {
    /// An open connection to a server that goes on with `rest` after the opening.
    private func connection(
        _ rest: String, _ tls: Endpoint.TLSMode = .none, on loop: EventLoop = EventLoop()
    ) async throws -> (Connection, ScriptedServer) {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(Opening.text(.pop3, tls) + rest, .mode(tls, certificate))
        return (try await Connection.open(.local(server.port, .pop3, tls, trust: trust), on: loop), server)
    }

    private static let modes: [Endpoint.TLSMode] = [.none, .implicit]

    @Test("a stream ends with an empty chunk, as often as it is read", arguments: modes)
    func ends(tls: Endpoint.TLSMode) async throws {
        let (connection, _) = try await connection("WAIT open\nS- last\nCLOSE", tls)
        _ = try await thrown { try await connection.read(timeout: .milliseconds(1)) }
        let (other, server) = try await self.connection("WAIT open\nS- last\nCLOSE", tls)
        server.proceed("open")
        #expect(try await other.readToEnd() == bytes("last"))
        #expect(try await other.read(timeout: .seconds(60)).isEmpty)
        #expect(try await other.awaitData(for: .seconds(60)))
        await connection.close()
    }

    @Test("a large stream comes whole and in order, in chunks of bounded size", arguments: modes)
    func large(tls: Endpoint.TLSMode) async throws {
        let count = 8 << 20
        let (connection, server) = try await connection("WAIT open\nS= \(count)\nCLOSE", tls)
        server.proceed("open")
        var all: [UInt8] = []
        while true {
            let chunk = try await connection.read(timeout: .seconds(60))
            #expect(chunk.count <= 256 * 1024)
            guard !chunk.isEmpty else { break }
            all += chunk
        }
        #expect(all == Filler.bytes(count))
    }

    @Test("what TLS decrypted beyond a full chunk is read without the socket becoming ready again")
    func halfReadRecord() async throws {
        // Records of 10,000 bytes do not fit evenly into a chunk, and nothing comes after them.
        let records = Array(repeating: "S= 10000", count: 60).joined(separator: "\n")
        let (connection, server) = try await connection("WAIT open\n\(records)\nSTALL", .implicit)
        server.proceed("open")
        // Everything is in the socket before the first read.
        try await server.records("all to be sent") { $0.first?.isFinished == true }
        let all = try await within(what: "the rest of a half-read record") {
            try await connection.readExactly(600_000)
        }
        #expect(all.count == 600_000)
        await connection.close()
    }

    @Test("a read that times out leaves the connection usable", arguments: modes)
    func timesOut(tls: Endpoint.TLSMode) async throws {
        let (connection, server) = try await connection("WAIT go\nS- late\nREST", tls)
        let failure = try await thrown { try await connection.read(timeout: .milliseconds(50)) }
        #expect(failure.reason.contains("did not answer within 50 ms"))
        #expect(try await !connection.awaitData(for: .milliseconds(50)))
        #expect(try await !connection.awaitData(for: .zero))
        server.proceed("go")
        #expect(try await connection.awaitData(for: .seconds(60)))
        #expect(try await connection.readExactly(4) == bytes("late"))
        await connection.close()
    }

    @Test("a cancelled read ends at once and loses nothing", arguments: modes)
    func cancelled(tls: Endpoint.TLSMode) async throws {
        let (connection, server) = try await connection("WAIT go\nS- kept\nREST", tls)
        for _ in 0..<20 {
            let task = Task { try await connection.read(timeout: .seconds(600)) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        server.proceed("go")
        #expect(try await connection.readExactly(4) == bytes("kept"))
        await connection.close()
    }

    @Test("nothing is read before somebody asks: a slow reader slows the server down", arguments: modes)
    func backPressure(tls: Endpoint.TLSMode) async throws {
        let count = 32 << 20
        let loop = EventLoop()
        let (connection, server) = try await connection("WAIT open\nS= \(count)\nCLOSE", tls, on: loop)
        let (other, _) = try await self.connection(
            Array(repeating: "C: ping\nS: pong", count: 200).joined(separator: "\n") + "\nREST", on: loop)
        server.proceed("open")
        _ = try await connection.read(timeout: .seconds(60))
        for _ in 0..<200 {
            try await other.write("ping\r\n")
            _ = try await other.readExactly(6)
        }
        // The socket buffers of both sides hold at most some 10 MB.
        #expect(try #require(server.records.first).sentBytes < count)
        #expect(try #require(server.records.first).sentBytes > 0)
        await other.close()
        await connection.close()
    }

    @Test("closing ends a read under way")
    func closedWhileReading() async throws {
        let (connection, server) = try await connection("REST")
        let read = Task { try await connection.read(timeout: .seconds(600)) }
        while await connection.reader == nil { await Task.yield() }
        await connection.close()
        await connection.close()
        let failure = try await thrown { try await read.value }
        #expect(failure.reason.contains("closed on our side"))
        let later = try await thrown { try await connection.read(timeout: .seconds(1)) }
        #expect(later.reason.contains("closed on our side"))
        try await server.finished()
    }

    @Test("a reset is a failure, not the end of the stream", arguments: modes)
    func reset(tls: Endpoint.TLSMode) async throws {
        let (connection, server) = try await connection("WAIT go\nRESET", tls)
        server.proceed("go")
        let failure = try await thrown { try await connection.read(timeout: .seconds(60)) }
        #expect(failure.reason.contains("was lost"))
    }

    @Test("a connection that is dropped without being closed is closed")
    func dropped() async throws {
        let server = try await ScriptedServer.start(Opening.text(.pop3, .none) + "REST")
        do {
            let connection = try await Connection.open(.local(server.port, .pop3), on: EventLoop())
            _ = await connection.preamble
        }
        try await server.finished()
    }

    @Test("two reads at once end the program with a message")
    func twoReads() async {
        await #expect(processExitsWith: .failure) {
            let server = try await ScriptedServer.start(Opening.text(.pop3, .none) + "REST")
            let connection = try await Connection.open(.local(server.port, .pop3), on: EventLoop())
            async let one = connection.read(timeout: .seconds(600))
            async let other = connection.read(timeout: .seconds(600))
            _ = try await (one, other)
        }
    }
}
