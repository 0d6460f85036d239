import ControlSupport
import Operations
import TestSupport
import Testing

@Suite("Links for the owners of mailboxes") struct SelfServiceTests {
    /// What a browser has once it opened a link.
    private struct Visitor {
        let cookie: String
        let form: [(String, String)]
    }

    private func visit(_ link: String) async throws -> PlainHTTPClient.Answer {
        try #require(try await PlainHTTPClient.send(link, form: nil))
    }

    private func open(_ link: String) async throws -> Visitor {
        let page = try await visit(link)
        let mark = try #require(page.body.firstMatch(of: /name="mark" value="([0-9a-f]+)"/)).1
        return Visitor(
            cookie: String(try #require(page.headers["set-cookie"]).prefix { $0 != ";" }),
            form: [("mark", String(mark))])
    }

    /// Presses the button, and signs in at the provider. Returns where the browser comes back to.
    private func signIn(_ test: SelfServiceUnderTest, _ link: String, _ visitor: Visitor) async throws -> String {
        let page = try await PlainHTTPClient.send(link, form: visitor.form, headers: ["Cookie": visitor.cookie])
        let away = try #require(page?.body.firstMatch(of: /url=([^"]*)"/)).1
        return try #require(
            try await test.service.authorization.browse(String(away.replacing("&amp;", with: "&"))))
    }

    @Test("outlive a restart, are replaced by newer ones, and end with the consent that they ask for")
    func life() async throws {
        let test = try await SelfServiceUnderTest.start()
        var daemon = try await test.service.serve()
        let first = try await test.link()
        let second = try await test.link()
        #expect(try await visit(first).status == 410)
        #expect(await daemon.stop() == .exited(0))
        daemon = try await test.service.serve()
        #expect(try await visit(second).status == 200)
        // HEAD and GET of a scanner begin nothing.
        #expect(test.service.authorization.records.isEmpty)
        test.service.authorization.signIn(as: ServiceUnderTest.user)
        let visitor = try await open(second)
        let back = try await signIn(test, second, visitor)
        #expect(back.hasPrefix("\(test.origin)/authorize/callback?code="))
        // Another browser does not have the cookie.
        #expect(try await visit(back).status == 400)
        let answer = try #require(
            try await PlainHTTPClient.send(back, form: nil, headers: ["Cookie": visitor.cookie]))
        #expect(answer.status == 303)
        let again = try await PlainHTTPClient.send(back, form: nil, headers: ["Cookie": visitor.cookie])
        #expect(again?.status == 400)
        #expect(try await visit(second).status == 410)
        #expect(try await test.service.run("token", "anna").status == .exited(0))
        let third = try await test.link()
        #expect(try await test.service.run("revoke", "anna").status == .exited(0))
        #expect(try await visit(third).status == 410)
        #expect(await test.stop(daemon) == .exited(0))
    }

    @Test("lead through pages, a journal and a state in which no code, token or client secret is")
    func secrets() async throws {
        let test = try await SelfServiceUnderTest.start()
        let daemon = try await test.service.serve()
        let evidence = Evidence()
        func add(_ place: String, _ answer: PlainHTTPClient.Answer?) throws {
            let answer = try #require(answer)
            evidence.add("the body of \(place)", Array(answer.body.utf8))
            evidence.add("the header of \(place)", Array("\(answer.headers)".utf8))
        }
        let link = try await test.link()
        test.service.authorization.signIn(as: ServiceUnderTest.user)
        try add("the link's page", try await visit(link))
        let visitor = try await open(link)
        let back = try await signIn(test, link, visitor)
        let cookie = ["Cookie": visitor.cookie]
        try add("the callback in another browser", try await visit(back))
        let answer = try await PlainHTTPClient.send(back, form: nil, headers: cookie)
        try add("the callback", answer)
        try add("the callback again", try await PlainHTTPClient.send(back, form: nil, headers: cookie))
        let result = try #require(answer?.headers["location"])
        try add("the result", try await PlainHTTPClient.send(test.origin + result, form: nil, headers: cookie))
        // An answer that nobody asked for, with a secret in what is shown of it.
        let secret = test.service.authorization.secrets[0]
        let strange = "\(test.origin)/authorize/callback?state=\(secret.text)&error=\(secret.text)"
        try add("a stranger's callback", try await visit(strange))
        for arguments in [["status", "anna", "--json"], ["report"]] {
            evidence.add(arguments, try await test.service.run(words: arguments))
        }
        #expect(await daemon.stop() == .exited(0))
        evidence.add("the daemon", daemon)
        try evidence.files(in: test.service.directory("state"), except: "postbote.key")
        let client = MarkedSecret("the client secret", RegisteredClient.confidentialClient.secrets[0].value)
        let secrets = test.service.authorization.secrets + [client]
        #expect(secrets.count > 3 && evidence.all.count > 15)
        for (place, octets) in evidence.all {
            for secret in secrets {
                #expect(secret.forms(in: octets).isEmpty, "\(secret.name) is in \(place)")
            }
        }
        #expect(await test.stop(daemon) == .exited(0))
    }

    @Test("are good for nobody where the provider does not say who signed in")
    func nameless() async throws {
        let test = try await SelfServiceUnderTest.start()
        let daemon = try await test.service.serve()
        let link = try await test.link()
        test.service.authorization.signIn(as: ServiceUnderTest.user)
        test.service.authorization.answerNext(.omitting(["id_token"]))
        let visitor = try await open(link)
        let back = try await signIn(test, link, visitor)
        let answer = try await PlainHTTPClient.send(back, form: nil, headers: ["Cookie": visitor.cookie])
        let result = try #require(answer?.headers["location"])
        let page = try await PlainHTTPClient.send(
            test.origin + result, form: nil, headers: ["Cookie": visitor.cookie])
        #expect(page?.body.contains("You are not signed in") == true)
        #expect(page?.body.contains("Add openid, profile and email to scopes") == true)
        try await daemon.errors.line(containing: "EVENT=link_refused")
        #expect(try await test.service.run("token", "anna").status == .exited(1))
        #expect(try await visit(link).status == 200)
        #expect(await test.stop(daemon) == .exited(0))
    }

    @Test("are as good as before when somebody else signs in, and blocked when that happens again and again")
    func strangers() async throws {
        let test = try await SelfServiceUnderTest.start()
        let daemon = try await test.service.serve()
        let link = try await test.link()
        test.service.authorization.signIn(as: "bert@example.test")
        let visitor = try await open(link)
        for number in 1...10 {
            #expect(try await visit(link).status == 200, "\(number)")
            let back = try await signIn(test, link, visitor)
            let answer = try await PlainHTTPClient.send(back, form: nil, headers: ["Cookie": visitor.cookie])
            #expect(answer?.status == 303)
        }
        let page = try await visit(link)
        #expect(page.status == 410 && page.body.contains("This link was blocked"))
        #expect(try await test.service.run("token", "anna").status == .exited(1))
        #expect(await test.stop(daemon) == .exited(0))
    }

    @Test("have pages only where their port can be had: else the start fails and says so")
    func port() async throws {
        let taken = try ListeningSocket()
        let service = try await ServiceUnderTest.start()
        try service.configure(extra: "console: {listen: \"127.0.0.1:\(taken.port)\"}")
        let daemon = try service.spawn()
        try await daemon.errors.line(containing: "`console.listen` in the configuration names this address")
        #expect(try await daemon.exit() == .exited(70))
        await service.stop()
    }

    @Test("are mailed to them, one for each account that needs its owner, and shown to nobody else")
    func allMissing() async throws {
        let test = try await SelfServiceUnderTest.start()
        let daemon = try await test.service.serve()
        let printed = try await test.service.run("authorize", "--all-missing")
        #expect(printed.status == .exited(0), "\(printed.errors)")
        let lines = printed.text.split(separator: "\n")
        #expect(lines.map { $0.prefix { $0 != " " } } == ["anna", "bert"])
        #expect(lines.allSatisfy { $0.contains("  \(test.origin)/authorize/") })
        let mailed = try await test.service.run("authorize", "--all-missing", "--mail", "--expires", "7d", "--json")
        let list = try JSON.decode(Versioned<SignInLinkList>.self, from: mailed.output).value
        #expect(list.links.map(\.mailedTo) == [ServiceUnderTest.user, "bert@example.test"])
        #expect(list.links.allSatisfy { $0.url == nil && $0.problem == nil })
        let mails = try await test.submission.transactions(atLeast: 2)
        #expect(Set(mails.flatMap(\.recipients)) == [ServiceUnderTest.user, "bert@example.test"])
        let mail = try #require(mails.first { $0.recipients == [ServiceUnderTest.user] })
        let text = String(decoding: mail.bytes, as: UTF8.self)
        #expect(text.contains("Guten Tag") && text.contains("Please open this link"))
        #expect(mail.header("Auto-Submitted") == "auto-generated")
        let link = try #require(text.firstMatch(of: /http:\/\/localhost:\d+\/authorize\/[A-Za-z0-9_-]{43}/)).0
        #expect(try await visit(String(link)).status == 200)
        let old = String(try #require(lines.first?.split(separator: " ").last))
        #expect(try await visit(old).body.contains("There is a newer link"))
        #expect(await test.stop(daemon) == .exited(0))
    }

    @Test("are refused with what is missing where nobody could open or get them")
    func refused() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        let link = try await service.run("authorize", "anna", "--link")
        #expect(link.status == .exited(1) && link.errors.contains("public_url: https://NAME"), "\(link.errors)")
        #expect(try await service.run("authorize", "--all-missing").status == .exited(1))
        #expect(await daemon.stop() == .exited(0))
        let port = try ListeningSocket()
        try port.refuse()
        try service.configure(
            extra: "console: {listen: \"127.0.0.1:\(port.port)\", public_url: \"https://post.example.test\"}")
        let other = try await service.serve()
        let mail = try await service.run("authorize", "anna", "--link", "--mail")
        #expect(mail.status == .exited(1) && mail.errors.contains("`notify_via`"), "\(mail.errors)")
        #expect(try await service.run("authorize", "nobody", "--link").status == .exited(66))
        #expect(await other.stop() == .exited(0))
        await service.stop()
    }
}
