import Glibc
import TestSupport
import Testing

@Suite("The scripted server")
struct ScriptedServerTests {
    @Test("plays one dialog for each connection, and the last for all that follow")
    func dialogs() async throws {
        let server = try await ScriptedServer.start([
            Dialog("S: first\nC: $word\nS: $word again"), Dialog("S: others\nREST"),
        ])
        let first = try await LineClient(port: server.port)
        #expect(try await first.line() == "first")
        #expect(try await first.ask("hello", until: "hello") == "hello again")
        for _ in 0..<3 {
            let other = try await LineClient(port: server.port)
            #expect(try await other.line() == "others")
            await other.close()
        }
        try await server.finished(4)
        #expect(
            server.records[0].transcript.entries == [
                .server(Array("first\r\n".utf8)), .client(Array("hello\r\n".utf8)),
                .server(Array("hello again\r\n".utf8)),
            ])
    }

    @Test("tells where a client did something else, and hangs up on it")
    func mismatch() async throws {
        let server = try await ScriptedServer.start("C: NOOP\nREST")
        let client = try await LineClient(port: server.port)
        try client.send("QUIT")
        let error = await #expect(throws: DialogMismatch.self) { try await server.finished() }
        #expect(error?.description.contains("QUIT") == true)
        #expect(try await client.line() == nil)
    }

    @Test("waits until the test lets it go on, on every connection")
    func proceeds() async throws {
        let server = try await ScriptedServer.start("S: ready\nWAIT go\nS: on\nCLOSE")
        let clients = [try await LineClient(port: server.port), try await LineClient(port: server.port)]
        for client in clients { #expect(try await client.line() == "ready") }
        server.proceed("go")
        for client in clients {
            #expect(try await client.line() == "on")
            #expect(try await client.line() == nil)
        }
    }

    // Little enough for the socket buffers, or the client would wait in the call for the server to go on.
    @Test("takes nothing while it holds: what the client sends piles up")
    func holds() async throws {
        let server = try await ScriptedServer.start("S: ready\nHOLD go\nC= 20000\nS: all\nREST")
        let client = try await LineClient(port: server.port)
        #expect(try await client.line() == "ready")
        try client.send(bytes: Filler.bytes(20_000))
        #expect(server.records[0].transcript.clientBytes.isEmpty)
        server.proceed("go")
        #expect(try await client.line() == "all")
        #expect(server.records[0].transcript.clientBytes == Filler.bytes(20_000))
    }

    @Test("says nothing more once it stalls, and does not hang up either")
    func stalls() async throws {
        let server = try await ScriptedServer.start("S: ready\nSTALL")
        let client = try await LineClient(port: server.port)
        #expect(try await client.line() == "ready")
        try client.send("hello?")
        await #expect(throws: DeadlineMissed.self) { try await client.line(within: .milliseconds(50)) }
        try await server.finished()
        await server.stop()
    }

    @Test("resets connections, which is not the same as hanging up")
    func resets() async throws {
        let server = try await ScriptedServer.start([Dialog("C: a\nCLOSE"), Dialog("C: a\nRESET")])
        #expect(try ending(of: server) == 0)
        #expect(try ending(of: server) == ECONNRESET)
    }

    @Test("starts TLS from the first byte or where the dialog says")
    func tls() async throws {
        let certificate = try await ServerCertificate.localhost()
        let directory = try TemporaryDirectory()
        let authority = try directory.file("ca.pem", certificate.authority)
        let implicit = try await ScriptedServer.start("S: safe\nC: a\nCLOSE", .implicit(certificate))
        let first = try await LineClient(port: implicit.port, tls: .implicit, authorityFile: authority)
        #expect(try await first.line() == "safe")
        await first.close()
        let later = try await ScriptedServer.start(
            "S: +OK\nC: STLS\nS: +OK\nTLS\nC: CAPA\nS: safe\nREST", .startTLS(certificate))
        let second = try await LineClient(port: later.port, tls: .starttls("pop3"), authorityFile: authority)
        try second.send("CAPA")
        #expect(try await second.line(beginning: "safe") == "safe")
        await second.close()
        try await later.finished()
    }

    @Test("hangs up everywhere when it is stopped")
    func stops() async throws {
        let server = try await ScriptedServer.start("S: ready\nREST")
        let client = try await LineClient(port: server.port)
        #expect(try await client.line() == "ready")
        await server.stop()
        #expect(try await client.line() == nil)
    }

    /// How a connection ends on which one line is sent: 0, or an error number.
    private func ending(of server: ScriptedServer) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(server.port).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        try #require(send(descriptor, "a\r\n", 3, Int32(MSG_NOSIGNAL)) == 3)
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, 0) == 0 ? 0 : errno
    }
}
