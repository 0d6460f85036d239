import ControlSupport
import Operations
import TestSupport
import Testing

@Suite("The service signs an account in with a browser") struct BrowserSignInServiceTests {
    /// A command that waits, and where its browser is to go.
    private struct Waiting {
        var command: ChildProcess
        var address: String
    }

    private func begin(_ service: ServiceUnderTest, _ arguments: String...) async throws -> Waiting {
        let command = try service.begin(arguments)
        let line = try await command.output.line(containing: "Open http")
        return Waiting(command: command, address: String(line.dropFirst("Open ".count)))
    }

    private func visit(_ address: String, headers: [String: String] = [:]) async throws -> PlainHTTPClient.Answer {
        try #require(try await PlainHTTPClient.send(address, form: nil, headers: headers))
    }

    @Test("which comes back to the command on loopback; whatever else asks there ends nothing")
    func loopback() async throws {
        let service = try await ServiceUnderTest.start()
        service.authorization.signIn(as: ServiceUnderTest.user)
        let daemon = try await service.serve()
        let waiting = try await begin(service, "authorize", "anna", "--browser")
        let back = try #require(try await service.authorization.browse(waiting.address))
        let origin = try #require(back.firstMatch(of: /^http:\/\/localhost:(\d+)/))
        try await waiting.command.output.line(containing: "  ssh -L \(origin.1):localhost:\(origin.1) ")
        let strays: [(String, [String: String], Int)] = [
            ("\(origin.0)/favicon.ico", [:], 404), ("\(origin.0)/", [:], 404),
            ("\(origin.0)/?code=x&state=another", [:], 404), (back.replacing("/?", with: "/path?"), [:], 404),
            (back.replacing("localhost", with: "evil.example"), [:], 421),
        ]
        for (address, headers, status) in strays {
            #expect(try await visit(address, headers: headers).status == status, "\(address)")
        }
        #expect(try await PlainHTTPClient.send(back, form: [("a", "b")])?.status == 405)
        let page = try await visit(back)
        #expect(page.status == 200)
        #expect(page.body.contains("anna is signed in as \(ServiceUnderTest.user)."))
        #expect(!page.body.contains("<script"))
        #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
        #expect(page.headers["cache-control"] == "no-store" && page.headers["referrer-policy"] == "no-referrer")
        #expect(try await waiting.command.exit() == .exited(0))
        try await waiting.command.output.line(containing: "anna is signed in as \(ServiceUnderTest.user)")
        #expect(try await service.run("token", "anna").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("or says why not, in the browser and in the terminal, and stores nothing")
    func refused() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        let reasons: [(user: String?, fault: AuthorizationFault?, says: String)] = [
            (nil, nil, "The user declined."), ("<b>&other@example.test", nil, "but <b>&other@example.test did"),
            (ServiceUnderTest.user, .refuse(EntraError(65001, "consent_required", "No.")), "AADSTS65001"),
        ]
        for (user, fault, says) in reasons {
            service.authorization.signIn(as: user)
            if let fault { service.authorization.answerNext(fault, at: .authorize) }
            let waiting = try await begin(service, "authorize", "anna", "--browser")
            let back = try #require(try await service.authorization.browse(waiting.address))
            let page = try await visit(back)
            #expect(page.status == 400)
            let escaped = says.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            #expect(page.body.contains(escaped), "\(page.body)")
            #expect(try await waiting.command.exit() == .exited(1))
            try await waiting.command.errors.line(containing: says)
        }
        #expect(try await service.run("token", "anna").status == .exited(1))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("at a port that is asked for, which must be free")
    func port() async throws {
        let service = try await ServiceUnderTest.start()
        service.authorization.signIn(as: ServiceUnderTest.user)
        let daemon = try await service.serve()
        let first = try await begin(service, "authorize", "anna", "--browser")
        let back = try #require(try await service.authorization.browse(first.address))
        let port = String(try #require(back.firstMatch(of: /^http:\/\/localhost:(\d+)/)).1)
        let second = try await service.run("authorize", "anna", "--browser", "--port", port)
        #expect(second.status == .exited(75))
        #expect(second.errors.contains("listen on 127.0.0.1:\(port)"), "\(second.errors)")
        _ = try await visit(back)
        #expect(try await first.command.exit() == .exited(0))
        let third = try await begin(service, "authorize", "anna", "--browser", "--port", port)
        let again = try #require(try await service.authorization.browse(third.address))
        #expect(again.hasPrefix("http://localhost:\(port)/?"))
        _ = try await visit(again)
        #expect(try await third.command.exit() == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("whose last address is pasted, broken into lines and in quotes, after things that are not it")
    func paste() async throws {
        let service = try await ServiceUnderTest.start()
        service.authorization.signIn(as: ServiceUnderTest.user)
        let daemon = try await service.serve()
        let waiting = try await begin(service, "authorize", "anna", "--paste")
        let back = try #require(try await service.authorization.browse(waiting.address))
        for (wrong, says) in [
            (waiting.address, "this is the address to open"), ("http://localhost/", "this address has no code"),
            (back.replacing("&state=", with: "&state=x"), "the answer to another sign-in"),
        ] {
            try waiting.command.write(Array("\(wrong)\n".utf8))
            try await waiting.command.errors.line(containing: says)
        }
        let half = back.index(back.startIndex, offsetBy: 80)
        try waiting.command.write(Array(" \"\(back[..<half])\r\n  \(back[half...])\"\n\n".utf8))
        #expect(try await waiting.command.exit() == .exited(0))
        try await waiting.command.output.line(containing: "anna is signed in as \(ServiceUnderTest.user)")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("whose code alone is pasted, or whose refusal")
    func pasteCode() async throws {
        let service = try await ServiceUnderTest.start()
        service.authorization.signIn(as: ServiceUnderTest.user)
        let daemon = try await service.serve()
        let waiting = try await begin(service, "authorize", "anna", "--paste")
        let back = try #require(try await service.authorization.browse(waiting.address))
        let code = String(try #require(back.firstMatch(of: /code=([^&]+)/)).1)
        try waiting.command.write(Array(code.utf8))
        waiting.command.closeInput()
        #expect(try await waiting.command.exit() == .exited(0))
        service.authorization.signIn(as: nil)
        let declined = try await begin(service, "authorize", "anna", "--paste")
        let refusal = try #require(try await service.authorization.browse(declined.address))
        try declined.command.write(Array(refusal.utf8))
        declined.command.closeInput()
        #expect(try await declined.command.exit() == .exited(1))
        try await declined.command.errors.line(containing: "The user declined.")
        let nothing = try await begin(service, "authorize", "anna", "--paste")
        nothing.command.closeInput()
        #expect(try await nothing.command.exit() == .exited(65))
        // What is pasted is in no log.
        try await daemon.errors.line(containing: "EVENT=consent_stored")
        #expect(await daemon.stop() == .exited(0))
        #expect(!daemon.errors.text.contains(code))
        await service.stop()
    }

    @Test("whose answer counts once, for its own account and with its own state; and forgets it when asked")
    func once() async throws {
        let service = try await ServiceUnderTest.start()
        try service.configure(others: ["bert@example.test"])
        service.authorization.signIn(as: ServiceUnderTest.user)
        let daemon = try await service.serve()
        let begun = try await post(service, "anna/authorize", #"{"method":"browser","port":8400}"#)
        let progress = try JSON.decode(Versioned<AuthorizationProgress>.self, from: begun.body).value
        let page = try #require(progress.browser)
        let back = try #require(try await service.authorization.browse(page.authorizeURL))
        let found = try #require(back.firstMatch(of: /code=([^&]+)&session_state=[^&]+&state=([^&]+)/))
        let answer = #"{"state":"\#(found.2)","code":"\#(found.1)"}"#
        let foreign = answer.replacing("\(found.2)", with: "another")
        for (account, answer, status) in [
            ("anna", foreign, 400), ("bert", answer, 404), ("anna", answer, 200), ("anna", answer, 404),
        ] {
            #expect(try await post(service, "\(account)/authorize/\(progress.id)", answer).status == status)
        }
        #expect(try await service.run("token", "anna").status == .exited(0))
        let revoked = try await service.run("revoke", "anna")
        #expect(
            revoked.text.hasPrefix("forgotten: the consent of anna\nthe provider was not told: "), "\(revoked.text)")
        #expect(try await service.run("token", "anna").status == .exited(1))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    private func post(
        _ service: ServiceUnderTest, _ path: String, _ body: String
    ) async throws -> SocketConversation.Response {
        try #require(
            await SocketConversation.ask(
                service.directory("run/postbote.sock"), "POST", "/v1/accounts/\(path)",
                headers: ["Content-Type": "application/json"], body: Array(body.utf8)))
    }
}
