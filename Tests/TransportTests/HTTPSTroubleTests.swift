import Diagnostics
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

@Suite struct HTTPSTroubleTests {
    /// All that can be waited for once TLS is there.
    private static let exchange = """
        C/
        S+ HTTP/1.1 103 Early Hints
        S:
        S: HTTP/1.1 200 OK
        S: Content-Length: 8
        S:
        S- half
        S- half
        """

    @Test("a server that goes silent at any stage meets the deadline")
    func stalls() async throws {
        let whole = try Dialog(Self.exchange)
        let client = HTTPSClient(loop: EventLoop())
        // All at once: each takes the whole deadline.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for count in 1..<whole.steps.count {
                group.addTask {
                    let server = try await SecureServer.start([whole.stalling(after: count)])
                    try await deadlineMet("was connected to but did not answer within") { deadline in
                        try await thrown { try await client.send(server.request("POST", timeout: deadline)) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a server that accepts the connection and starts no TLS meets the deadline")
    func silentBeforeTLS() async throws {
        let server = try await ScriptedServer.start("STALL")
        try await deadlineMet("did not start TLS within") { deadline in
            try await thrown {
                try await HTTPSClient(loop: EventLoop()).send(
                    HTTPRequest("GET", "https://localhost:\(server.port)/", timeout: deadline))
            }
        }
    }

    @Test("hanging up at any stage is a failure, never half an answer, and nothing is sent twice")
    func hangsUp() async throws {
        let whole = try Dialog(Self.exchange)
        let client = HTTPSClient(loop: EventLoop())
        for count in 0..<whole.steps.count {
            let server = try await SecureServer.start([whole.hangingUp(after: count)])
            let failure = try? await thrown { try await client.send(server.request("POST")) }
            #expect(failure?.scope == .account, "after step \(count)")
            #expect(failure?.place["host"] == "localhost:\(server.scripted.port)", "after step \(count)")
            #expect(server.scripted.records.count == 1, "after step \(count)")
        }
    }

    @Test("whoever gives up is let go at once, and the server is hung up on", arguments: [0, 1, 4])
    func cancelled(steps: Int) async throws {
        let whole = try Dialog(Self.exchange)
        let server = try await SecureServer.start([Dialog(steps: whole.steps.prefix(steps) + [.takeRest])])
        let client = HTTPSClient(loop: EventLoop())
        let task = Task { try await client.send(server.request("POST", timeout: .seconds(600))) }
        try await server.scripted.records("the request") {
            $0.first?.transcript.entries.count == max(1, steps)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await server.scripted.finished()
    }

    @Test("whoever has given up already sends nothing")
    func cancelledBefore() async throws {
        let server = try await SecureServer.start("REST")
        let client = HTTPSClient(loop: EventLoop())
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(server.request("POST"))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(server.scripted.records.isEmpty)
    }

    @Test("requests that may be repeated share a connection, the others get one of their own")
    func reuse() async throws {
        let server = try await SecureServer.start(
            String(repeating: HTTPDialog.answer("200 OK", body: "x"), count: 3) + "REST")
        let client = HTTPSClient(loop: EventLoop())
        for _ in 0..<3 { _ = try await client.send(server.request("GET")) }
        #expect(server.scripted.records.count == 1)
        for _ in 0..<2 { _ = try await client.send(server.request("POST")) }
        #expect(server.scripted.records.count == 3)
    }

    @Test("a request is repeated on a new connection when the server has closed the kept one, also just then")
    func closedMeanwhile() async throws {
        let answer = HTTPDialog.answer("200 OK", body: "x")
        let server = try await SecureServer.start(answer + "CLOSE", answer + "C/\nCLOSE", answer + "REST")
        let client = HTTPSClient(loop: EventLoop())
        #expect(try await client.send(server.request("GET")).status == 200)
        try await server.scripted.finished(1)
        #expect(try await client.send(server.request("GET")).status == 200)
        // This one goes out on the kept connection, and only then the server closes it.
        #expect(try await client.send(server.request("GET")).status == 200)
        #expect(server.scripted.records.count == 3)
    }

    @Test("the connections of a client end with it")
    func dropped() async throws {
        let server = try await SecureServer.start(HTTPDialog.answer("200 OK") + "REST")
        do { _ = try await HTTPSClient(loop: EventLoop()).send(server.request("GET")) }
        try await server.scripted.finished()
    }

    @Test("a certificate that is not good is refused before anything is sent")
    func refusedCertificate() async throws {
        let certificate = try await ServerCertificate.wrongName()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start("REST", .implicit(certificate))
        let address = "https://localhost:\(server.port)/"
        let client = HTTPSClient(loop: EventLoop())
        let unknown = try await thrown { try await client.send(HTTPRequest("POST", address)) }
        #expect(unknown.reason.contains("issuer that is not trusted"))
        let other = try await thrown { try await client.send(HTTPRequest("POST", address, trust: trust)) }
        #expect(other.reason.contains("is for another name than localhost"))
        #expect(server.records.allSatisfy { $0.transcript.clientBytes.isEmpty })
    }

    @Test("certificates that cannot be read are a matter of the request's own operation")
    func unusableCertificates() async throws {
        let request = HTTPRequest(
            "POST", "https://localhost:1/", trust: TrustSettings(caFile: "/nowhere/ca.pem"),
            operation: "refresh token")
        let failure = try await thrown { try await HTTPSClient(loop: EventLoop()).send(request) }
        #expect(failure.operation == "refresh token")
        #expect(failure.scope == .account)
        #expect(failure.reason.contains("/nowhere/ca.pem"))
    }

    @Test(
        "an address that cannot be used is refused before anything is connected",
        arguments: [
            "http://mail.example.test/", "http://127.0.0.1.example.test/", "ftp://localhost/", "localhost", "",
            "https://", "https://user:pass@localhost/", "file:///etc/passwd", "https://a b/",
        ])
    func address(address: String) async throws {
        let failure = try await thrown {
            try await HTTPSClient(loop: EventLoop()).send(HTTPRequest("GET", address))
        }
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(!failure.description.contains("pass@"))
    }

    @Test(
        "a header field that would become another is refused",
        arguments: [
            ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\0b"), ("X: y", "z"), ("", "z"), ("X\r\nY", "z"), ("Ü", "z"),
        ])
    func headerInjection(name: String, value: String) async throws {
        let server = try await SecureServer.start("REST")
        var request = server.request("GET")
        request.headers.append(name, value)
        let failure = try await thrown { [request] in try await HTTPSClient(loop: EventLoop()).send(request) }
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(server.scripted.records.isEmpty)
    }

    @Test("in clear this machine is reached, and a Unix socket whatever the host is called")
    func local() async throws {
        let client = HTTPSClient(loop: EventLoop())
        let server = try await ScriptedServer.start(HTTPDialog.answer("200 OK", body: "clear") + "REST")
        let clear = try await client.send(HTTPRequest("GET", "http://127.0.0.1:\(server.port)/"))
        #expect(clear.body == bytes("clear"))

        let directory = try TemporaryDirectory()
        let path = directory("server.sock")
        let socket = try await ScriptedServer.start(
            [Dialog(HTTPDialog.answer("200 OK", body: "socket") + "REST")], unixSocketPath: path)
        let request = HTTPRequest("GET", "http://postbote.test/", unixSocketPath: path)
        #expect(try await client.send(request).body == bytes("socket"))
        await socket.stop()
        let failure = try await thrown { try await client.send(request) }
        #expect(failure.place["host"] == path)
    }

    @Test(
        "no failure tells what query, fields or body hold",
        arguments: [
            "CLOSE", "S: NONSENSE\nCLOSE", "S: HTTP/1.1 200 s3cret\nS: Content-Length: 9\nS:\nCLOSE", "STALL",
        ])
    func secrets(end: String) async throws {
        let server = try await SecureServer.start("C/\nC= 10\n" + end)
        var request = server.request("POST", "/path?client_secret=s3cret")
        request.headers["Authorization"] = "Bearer s3cret"
        request.body = .bytes(bytes("pin=s3cret"))
        // On a busy machine a short deadline passes before the request is sent.
        for deadline in [1, 10, 60] where !server.wasSent(ending: "s3cret") {
            request.timeout = .seconds(deadline)
            let failure = try await thrown { [request] in try await HTTPSClient(loop: EventLoop()).send(request) }
            for text in ["\(failure)", String(reflecting: failure), "\(request)", String(reflecting: request)] {
                #expect(!text.contains("s3cret"))
            }
        }
        #expect(server.wasSent(ending: "s3cret"))
    }
}
