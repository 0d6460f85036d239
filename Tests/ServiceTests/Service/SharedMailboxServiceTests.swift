import TestSupport
import Testing

@Suite("The service sends for a shared mailbox") struct SharedMailboxServiceTests {
    private static let shared = "shop@example.test"

    /// Takes a token only under the name of whoever it is of, and counts sign-ins.
    private func start(
        mayNotSend: Watched<Bool> = Watched(false)
    ) async throws -> (ServiceUnderTest, SMTPServer, Watched<Int>) {
        let signIns = Watched(0)
        let submission = Watched<SMTPServer?>(nil)
        let service = try await ServiceUnderTest.start(submission: { signer in
            var options = SMTPServerOptions()
            options.signer = signer
            options.tokenRefusal = .plain
            options.policy = { event in
                if event.verb == "AUTH" { signIns.update { $0 += 1 } }
                guard event.verb == ".", mayNotSend.value else { return nil }
                return .reply("550 5.7.60 SMTP; Client does not have permissions to send as this sender")
            }
            let server = try await SMTPServer.start(options)
            submission.update { $0 = server }
            return server
        })
        let path = service.directory("postbote.yaml")
        let account =
            "  shop: {address: \(Self.shared), authorized_as: \(ServiceUnderTest.user), provider: test, send: {}}\n"
        let text = try Directory.text(of: path).replacing("accounts:\n", with: "accounts:\n\(account)")
        try service.directory.file("postbote.yaml", text, mode: 0o600)
        return (service, try #require(submission.value), signIns)
    }

    @Test("later, when whoever signed in gets the right to: until then no message fails, and each is sent once")
    func withoutRight() async throws {
        let mayNotSend = Watched(true)
        let (service, server, _) = try await start(mayNotSend: mayNotSend)
        let daemon = try await service.serve()
        try await service.consent("shop")
        var ids: [String] = []
        for number in 1...2 {
            let message = "From: \(Self.shared)\r\nTo: somebody@example.org\r\nSubject: \(number)\r\n\r\nHello.\r\n"
            let sent = try await service.run(
                "send", "--account", "shop", "--to", "somebody@example.org", input: message)
            ids.append(String(sent.text.split(separator: "\n")[0]))
        }
        try await daemon.errors.line("sending is parked") { line in
            line.contains("NEW_STATE=needs_admin") && line.contains("shop")
        }
        for id in ids {
            let shown = try await service.run("queue", "show", id, "--json")
            #expect(shown.text.contains("\"attempts\":0") || shown.text.contains("\"attempts\" : 0"), "\(shown.text)")
        }
        #expect(try await service.run("status", "shop").text.contains("sends as") == false)
        #expect(server.transactions.isEmpty)
        mayNotSend.update { $0 = false }
        for _ in 0..<2 { #expect(try await service.run("reload").status == .exited(0)) }
        try await server.transactions(atLeast: 2)
        #expect(await daemon.stop() == .exited(0))
        #expect(server.transactions.compactMap { $0.header("Subject") }.sorted() == ["1", "2"])
        await server.stop()
        await service.stop()
    }

    @Test(
        "under the name of whoever signed in, with MAIL FROM of the mailbox: found once, kept over a restart, shown")
    func found() async throws {
        let (service, server, signIns) = try await start()
        var daemon = try await service.serve()
        try await service.consent("shop")
        // The sender sees that there is a token now, and tries.
        try await daemon.errors.line(containing: "EVENT=login_found")
        let visit = try await service.run("doctor", "shop")
        #expect(visit.status == .exited(0), "\(visit.text)\(visit.errors)")
        #expect(
            visit.text.contains(
                "signed in as \(ServiceUnderTest.user), who signed in: the server refused the name \(Self.shared)"),
            "\(visit.text)")
        let shown = "sends as      \(ServiceUnderTest.user) (found by trying)\n"
        #expect(try await service.run("status", "shop").text.contains(shown))
        #expect(await daemon.stop() == .exited(0))
        let before = signIns.value
        daemon = try await service.serve()
        #expect(try await service.run("status", "shop").text.contains(shown))
        let message = "From: \(Self.shared)\r\nTo: somebody@example.org\r\nSubject: Hello\r\n\r\nHello.\r\n"
        let sent = try await service.run(
            "send", "--account", "shop", "--to", "somebody@example.org", input: message)
        #expect(sent.status == .exited(0), "\(sent.errors)")
        let transaction = try #require(try await server.transactions(atLeast: 1).first)
        #expect(transaction.reversePath == Self.shared)
        #expect(signIns.value == before + 1, "the name that is known, and no other")
        #expect(await daemon.stop() == .exited(0))
        // Written out, nothing is tried: the name is the one that is asked for.
        let path = service.directory("postbote.yaml")
        let text = try Directory.text(of: path).replacing(
            "authorized_as: \(ServiceUnderTest.user)",
            with: "authorized_as: \(ServiceUnderTest.user), login: \(Self.shared)")
        try service.directory.file("postbote.yaml", text, mode: 0o600)
        daemon = try await service.serve()
        let refused = try await service.run("doctor", "shop")
        #expect(refused.status == .exited(1))
        #expect(signIns.value == before + 2)
        #expect(try await service.run("status", "shop").text.contains("sends as") == false)
        #expect(await daemon.stop() == .exited(0))
        await server.stop()
        await service.stop()
    }
}
