import CFullSocket
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

/// TLS may have to write in order to read, and the reverse.
@Suite struct TLSNeedsTests {
    // In TLS 1.2 a read answers a wish for renegotiation (RFC 5246 §7.4.1.1).
    @Test("a read that has to write first waits until the socket takes it")
    func readNeedsWritability() async throws {
        let server = try await OpenSSLServer.start("-tls1_2")
        let connection = try await server.connect()
        let socket = try #require(await connection.socket)

        try server.say("r")
        try await readable(socket)
        full_socket_set(socket)
        defer { full_socket_set(-1) }
        let read = Task { try await connection.read(timeout: .seconds(60)) }
        while await connection.reader == nil { await Task.yield() }
        #expect(await connection.readNeeds == .writable)

        // The server says nothing before it has our answer: only readiness to write can get the read that far.
        full_socket_set(-1)
        try await server.output.lines(2) { $0.hasPrefix("<<<") && $0.contains("ClientHello") }
        try server.say("done")
        #expect(try await read.value == bytes("done\r\n"))
        await connection.close()
        await server.stop()
    }

    @Test("a write that has to read first waits until the server has answered")
    func writeNeedsReadability() async throws {
        let server = try await OpenSSLServer.start("-tls1_2")
        let connection = try await server.connect()
        let socket = try #require(await connection.socket)

        try server.say("r")
        try await readable(socket)
        try await server.pause()
        // Answers the server's wish, and waits for what the server says to that.
        let read = Task { try await connection.read(timeout: .seconds(60)) }
        while await connection.reader == nil { await Task.yield() }
        let write = Task { try await connection.write("less\r\n") }
        while await connection.writer == nil { await Task.yield() }
        #expect(await connection.writeNeeds == .readable)

        server.resume()
        try await write.value
        try await server.output.line(containing: "less")
        try server.say("more")
        #expect(try await read.value == bytes("more\r\n"))
        await connection.close()
        await server.stop()
    }

    // RFC 8446 §4.6.3. OpenSSL answers with its next write, so that no read has to wait for one.
    @Test("a change of keys is seen by nobody, and answered")
    func keyUpdate() async throws {
        let server = try await OpenSSLServer.start("-tls1_3")
        let connection = try await server.connect()
        try server.say("K")
        try await server.output.lines(1) { $0.hasPrefix(">>>") && $0.contains("KeyUpdate") }
        try server.say("more")
        #expect(try await connection.readExactly(6) == bytes("more\r\n"))
        try await connection.write("less\r\n")
        try await server.output.lines(1) { $0.hasPrefix("<<<") && $0.contains("KeyUpdate") }
        try await server.output.line(containing: "less")
        await connection.close()
        await server.stop()
    }

    /// Returns once there is something to read on `socket`.
    private func readable(_ socket: Int32) async throws {
        try await within(what: "the server's wish to arrive") {
            while true {
                var state = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
                if poll(&state, 1, 0) > 0 { return }
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }
}

/// `openssl s_server`: it says what it is told line by line, and changes keys when told so.
private final class OpenSSLServer: Sendable {
    private let child: ChildProcess
    private let port: Int
    private let directory: TemporaryDirectory
    private let trust: TrustSettings

    var output: ProcessOutput { child.output }

    /// - Parameter version: The only one it speaks: `-tls1_2`.
    static func start(_ version: String) async throws -> OpenSSLServer {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        var options = ChildProcess.Options()
        options.hasInput = true
        let arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-crlf", "-msg", version,
            "-cert", try directory.file("server.pem", certificate.certificate),
            "-key", try directory.file("server.key", certificate.key),
        ]
        let child = try ChildProcess("openssl", arguments, options: options)
        let line = try await child.output.line(containing: "ACCEPT ")
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
        return OpenSSLServer(child, port, directory, trust)
    }

    private init(_ child: ChildProcess, _ port: Int, _ directory: TemporaryDirectory, _ trust: TrustSettings) {
        self.child = child
        self.port = port
        self.directory = directory
        self.trust = trust
    }

    /// Opened as POP3, whose replies need no tags.
    func connect() async throws -> Connection {
        try say("+OK ready")
        async let opening = Connection.open(
            .local(port, .pop3, .implicit, trust: trust), on: EventLoop())
        try await output.line(containing: "CAPA")
        try say("+OK")
        try say(".")
        return try await opening
    }

    func say(_ line: String) throws { try child.write(bytes(line + "\n")) }

    /// Returns when the server has stopped.
    func pause() async throws {
        child.send(signal: SIGSTOP)
        let path = "/proc/\(child.processID)/stat"
        try await within(what: "the server to stop") {
            // The state follows the name in parentheses (proc(5)).
            while try Directory.text(of: path).split(separator: ")").last?.hasPrefix(" T") != true {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    func resume() { child.send(signal: SIGCONT) }

    func stop() async { await child.stop() }
}

extension Connection {
    fileprivate var socket: Int32? { if case .open(let link) = state { link.socket } else { nil } }
    fileprivate var readNeeds: Poller.Readiness? { if case .open(let link) = state { link.readNeeds } else { nil } }
    fileprivate var writeNeeds: Poller.Readiness? { if case .open(let link) = state { link.writeNeeds } else { nil } }
}

extension ProcessOutput {
    /// Returns once so many lines satisfy `condition`.
    fileprivate func lines(_ count: Int, where condition: @escaping @Sendable (String) -> Bool) async throws {
        try await within(what: "\(count) such lines") {
            var found = 0
            for try await line in self.stream where condition(line) {
                found += 1
                if found == count { return }
            }
        }
    }
}
