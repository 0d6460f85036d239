import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Transport

@Suite struct OpeningTests {
    private static let ways = MailService.allCases.flatMap { service in
        Endpoint.TLSMode.allCases.map { (service, $0) }
    }

    @Test("a connection opens, tells its preamble and carries bytes both ways", arguments: ways)
    func opens(service: MailService, tls: Endpoint.TLSMode) async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let text = Opening.text(service, tls) + "C: ping $word\nS: pong $word\nREST"
        let server = try await ScriptedServer.start(text, .mode(tls, certificate))

        let connection = try await Connection.open(
            .local(server.port, service, tls, trust: trust), on: EventLoop())
        let preamble = await connection.preamble
        #expect(String(decoding: preamble.greeting, as: UTF8.self).contains("ready\r\n"))
        let capabilities = String(decoding: preamble.capabilities, as: UTF8.self)
        #expect(capabilities.contains("SECURE") == (tls == .starttls))
        #expect(capabilities.contains("CLEAR") == (tls != .starttls))
        #expect(!capabilities.contains("ready"))

        try await connection.write("ping 42\r\n")
        #expect(try await connection.readExactly(9) == bytes("pong 42\r\n"))
        await connection.close()
        try await server.finished()
    }

    @Test("the name for EHLO is the configured one")
    func heloName() async throws {
        let server = try await ScriptedServer.start("S: 220 hi\nC: EHLO mail.contoso.test\nS: 250 OK\nREST")
        var request = ConnectionRequest.local(server.port, .smtp)
        request.heloName = "mail.contoso.test"
        let connection = try await Connection.open(request, on: EventLoop())
        await connection.close()
        try await server.finished()
    }

    @Test("bytes behind the capability reply in one segment may be lost, and the rest arrives in order")
    func coalesced() async throws {
        // libcurl swallows what it received together with the last line: here a whole line and half of another.
        let server = try await ScriptedServer.start(
            """
            S: * OK ready
            C: $tag CAPABILITY
            S+ * CAPABILITY IMAP4rev1
            S+ $tag OK done
            S+ * 1 EXISTS
            S- * 2 EXI
            WAIT opened
            S: STS
            S: * 3 EXISTS
            """)
        let connection = try await Connection.open(.local(server.port), on: EventLoop())
        #expect(await connection.preamble.capabilities.starts(with: bytes("* CAPABILITY IMAP4rev1\r\n")))
        server.proceed("opened")
        #expect(try await connection.readExactly(17) == bytes("STS\r\n* 3 EXISTS\r\n"))
    }

    @Test("without TLS only this machine is connected to")
    func clearOnlyOnLoopback() async throws {
        let request = ConnectionRequest(.imap, at: Endpoint(host: "mail.example.test", port: 143, tls: .none))
        let failure = try await thrown { try await Connection.open(request, on: EventLoop()) }
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(failure.reason.contains("without TLS"))
    }

    @Test(
        "an endpoint that cannot be meant is refused before anything is connected",
        arguments: ["user@host", "host/x", "", "a b", "x\r\ny"])
    func implausible(host: String) async throws {
        let request = ConnectionRequest(.imap, at: Endpoint(host: host, port: 993, tls: .implicit))
        let failure = try await thrown { try await Connection.open(request, on: EventLoop()) }
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
    }

    @Test(
        "a server that turns the connection away is quoted",
        arguments: [
            (MailService.imap, "* BYE Too many connections"), (.smtp, "421 4.3.2 Try again later"),
            (.pop3, "-ERR [SYS/TEMP] busy"), (.smtp, "554 5.7.1 No service for you"),
        ])
    func turnedAway(service: MailService, line: String) async throws {
        let server = try await ScriptedServer.start("S: \(line)\nREST")
        let failure = try await thrown {
            try await Connection.open(.local(server.port, service), on: EventLoop())
        }
        #expect(failure.serverLine == line)
        #expect(failure.retry == .later(after: nil))
        #expect(failure.place["host"] == "localhost:\(server.port)")
    }

    @Test("a port where nobody listens is named")
    func refused() async throws {
        // Keeps the port, which another server might get otherwise.
        let server = try ListeningSocket()
        try server.refuse()
        let failure = try await thrown { try await Connection.open(.local(server.port), on: EventLoop()) }
        #expect(failure.reason.contains("localhost:\(server.port) refused the connection"))
    }

    @Test("a name that does not exist is named")
    func unknownName() async throws {
        // RFC 6761 §6.4: never exists.
        let request = ConnectionRequest(
            .imap, at: Endpoint(host: "mail.invalid", port: 993, tls: .implicit), timeout: .seconds(60))
        let failure = try await thrown { try await Connection.open(request, on: EventLoop()) }
        #expect(failure.reason.contains("mail.invalid"))
        #expect(failure.operation == "connect")
    }

    @Test(
        "hanging up after each step of the opening is a failure, never a hang or a half connection", arguments: ways)
    func hangsUpAtEachStep(service: MailService, tls: Endpoint.TLSMode) async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let whole = try Dialog(Opening.text(service, tls))
        let loop = EventLoop()
        for count in 0..<whole.steps.count {
            let server = try await ScriptedServer.start(
                [whole.hangingUp(after: count)], .mode(tls, certificate))
            let failure = try await thrown {
                try await Connection.open(.local(server.port, service, tls, trust: trust), on: loop)
            }
            #expect(failure.scope == .direction, "after step \(count)")
            #expect(failure.place["host"] == "localhost:\(server.port)", "after step \(count)")
        }
    }

    @Test("a server that goes silent after any step of the opening meets the deadline", arguments: ways)
    func stallsAtEachStep(service: MailService, tls: Endpoint.TLSMode) async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let whole = try Dialog(Opening.text(service, tls))
        let loop = EventLoop()
        // All at once: each takes the whole deadline.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for count in 0..<whole.steps.count {
                group.addTask {
                    let server = try await ScriptedServer.start(
                        [whole.stalling(after: count)], .mode(tls, certificate))
                    let failure = try await thrown {
                        try await Connection.open(
                            .local(server.port, service, tls, trust: trust, timeout: .milliseconds(1500)), on: loop)
                    }
                    #expect(failure.reason.contains("within 1500 ms"), "after step \(count): \(failure)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a server that accepts no TLS handshake meets the deadline")
    func silentBeforeTLS() async throws {
        let server = try await ScriptedServer.start("STALL")
        try await deadlineMet("did not start TLS within") { deadline in
            try await thrown {
                try await Connection.open(.local(server.port, .imap, .implicit, timeout: deadline), on: EventLoop())
            }
        }
    }

    @Test("whoever gives up connecting is let go at once")
    func cancelled() async throws {
        let server = try await ScriptedServer.start("S: * OK ready\nC: $tag CAPABILITY\nREST")
        let task = Task { try await Connection.open(.local(server.port), on: EventLoop()) }
        try await server.records("the greeting to be answered") { $0.first?.transcript.clientLines.count == 1 }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try await server.finished()
    }
}
