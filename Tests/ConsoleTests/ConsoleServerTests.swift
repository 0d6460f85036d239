import Console
import Diagnostics
import Logging
import MailModel
import Operations
import TestSupport
import Testing

@Suite("The web console") struct ConsoleServerTests {
    private static let token = String(repeating: "a", count: 43)
    private static let result = String(repeating: "r", count: 43)

    /// A server on a port of its own, and whoever asks it.
    private struct Console {
        let service: FakeSelfService
        let server: ConsoleServer
        let clock = TestClock()
        let origin: String

        init(_ script: FakeSelfService.Script = .init(), _ settings: ConsoleSettings = .anyPort) async throws {
            service = FakeSelfService(script)
            server = ConsoleServer(
                service, settings: settings, clock: clock,
                logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
            origin = "http://127.0.0.1:\(try await server.start())"
        }

        func ask(
            _ path: String, body: String? = nil, _ headers: [String: String] = [:]
        ) async throws -> PlainHTTPClient.Answer {
            try #require(try await PlainHTTPClient.send(origin + path, body: body, headers: headers))
        }

        /// A cookie and the form's mark, as a browser has them once it opened the link.
        func open(_ headers: [String: String] = [:]) async throws -> (cookie: String, mark: String) {
            let page = try await ask("/authorize/\(token)", headers)
            let cookie = try #require(page.headers["set-cookie"]?.prefix { $0 != ";" })
            let mark = try #require(page.body.firstMatch(of: /name="mark" value="([0-9a-f]{64})"/)).1
            return (String(cookie), String(mark))
        }

        func stop() async { await server.stop(within: .seconds(5)) }
    }

    private static func run(
        _ script: FakeSelfService.Script = .init(), _ settings: ConsoleSettings = .anyPort,
        _ body: (Console) async throws -> Void
    ) async throws {
        let console = try await Console(script, settings)
        do {
            try await body(console)
        } catch {
            await console.stop()
            throw error
        }
        await console.stop()
    }

    @Test("shows a link's mailbox, who signs in and what is allowed, in the browser's language, and begins nothing")
    func link() async throws {
        try await Self.run { console in
            let page = try await console.ask("/authorize/\(Self.token)", ["Accept-Language": "de"])
            #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.body.contains("<html lang=\"de\">"))
            for words in [
                "<strong>info@contoso.de</strong>", "anna@contoso.de", "Weiter zu Microsoft", "Postbote auf post",
            ] {
                #expect(page.body.contains(words), "\(words)")
            }
            let english = try await console.ask("/authorize/\(Self.token)")
            #expect(english.body.contains("<html lang=\"en\">") && english.body.contains("Continue to Microsoft"))
            #expect(console.service.begun.isEmpty)
        }
    }

    @Test("escapes whatever others have named")
    func escaped() async throws {
        var script = FakeSelfService.Script()
        var invitation = Invitation.anna
        invitation.mailboxes = ["<b>&\"'"]
        script.look = .open(invitation)
        script.result = LinkResult(
            link: Secret(Self.token),
            outcome: .refused(
                OwnerProblem(.wrongPerson(expected: "a<i>", came: "<script>%1"), forAdministrator: "<x>")))
        try await Self.run(script) { console in
            let page = try await console.ask("/authorize/\(Self.token)")
            #expect(page.body.contains("<strong>&lt;b&gt;&amp;&quot;&#39;</strong>"))
            let (cookie, mark) = try await console.open()
            let result = try await console.ask("/authorize/result/\(Self.result)", ["Cookie": cookie])
            #expect(result.body.contains("a&lt;i&gt;") && result.body.contains("&lt;script&gt;%1"))
            #expect(result.body.contains("&lt;x&gt;") && !result.body.contains("<script>"))
            let away = try await console.ask(
                "/authorize/\(Self.token)", body: "mark=\(mark)", ["Cookie": cookie])
            #expect(away.body.contains("url=https://login.example/authorize?a=1&amp;b=&quot;2&quot;\">"))
        }
    }

    @Test("says of every answer that nothing comes from or goes to anywhere else")
    func headers() async throws {
        for (publicURL, isSecure) in [("https://post.contoso.de", true), ("http://localhost:1", false)] {
            try await Self.run(.init(), .reached(at: publicURL)) { console in
                for path in [
                    "/authorize/\(Self.token)", "/nothing", "/assets/console.css", "/assets/console.js",
                    "/robots.txt",
                    "/authorize/callback?state=x&code=y",
                ] {
                    let headers = try await console.ask(path).headers
                    let policy = try #require(headers["content-security-policy"])
                    #expect(policy.hasPrefix("default-src 'none'; style-src 'self'; script-src 'self'"), "\(path)")
                    #expect(policy.contains("form-action 'self'; base-uri 'none'; frame-ancestors 'none'"))
                    #expect(
                        headers["referrer-policy"] == "no-referrer" && headers["x-content-type-options"] == "nosniff")
                    #expect((headers["strict-transport-security"] != nil) == isSecure)
                    if !path.hasPrefix("/assets"), path != "/robots.txt" {
                        #expect(headers["cache-control"] == "no-store")
                    }
                }
                let page = try await console.ask("/authorize/\(Self.token)")
                let cookie = try #require(page.headers["set-cookie"])
                let attributes = "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "")
                #expect(cookie.hasSuffix(attributes) && cookie.hasPrefix(isSecure ? "__Host-postbote=" : "postbote="))
                let own = [page.body.matches(of: /(?:src|href)="([^"]*)"/).map { String($0.1) }].joined()
                #expect(own.allSatisfy { $0.hasPrefix("/") })
                #expect(!page.body.contains("style=") && !page.body.contains("onclick"))
            }
        }
    }

    @Test("begins a sign-in for its own form in the browser that has the page, and for no other")
    func form() async throws {
        try await Self.run(.init(), .reached(at: "https://post.contoso.de")) { console in
            let path = "/authorize/\(Self.token)"
            let (cookie, mark) = try await console.open()
            let (_, otherMark) = try await console.open()
            let good = ["Cookie": cookie]
            let refused: [(String, [String: String])] = [
                ("", good), ("mark=", good), ("mark=\(otherMark)", good), ("mark=\(mark)", [:]),
                ("mark=\(mark)", ["Cookie": "__Host-postbote=\(Self.token)"]),
                ("mark=\(mark)", good.merging(["Origin": "https://evil.example"]) { $1 }),
                ("mark=\(mark)", good.merging(["Sec-Fetch-Site": "cross-site"]) { $1 }),
                ("mark=\(mark)&x=" + String(repeating: "x", count: 5000), good),
            ]
            for (body, headers) in refused {
                #expect(
                    try await console.ask(path, body: body, headers).status == 403, "\(body.prefix(80)) \(headers)")
            }
            #expect(console.service.begun.isEmpty)
            for headers in [
                good, good.merging(["Origin": "null", "Sec-Fetch-Site": "same-origin"]) { $1 },
                good.merging(["Origin": "https://post.contoso.de"]) { $1 },
            ] {
                let away = try await console.ask(path, body: "mark=\(mark)", headers)
                #expect(away.status == 200 && away.headers["location"] == nil)
                #expect(away.body.contains("<meta http-equiv=\"refresh\" content=\"0; url=https://login.example/"))
            }
            #expect(Set(console.service.begun).count == 1 && console.service.begun.count == 3)
        }
    }

    @Test(
        "takes the provider's answer once it knows the browser, and leads away from the address with the code in it")
    func callback() async throws {
        var script = FakeSelfService.Script()
        script.answer = .result(id: Self.result)
        try await Self.run(script) { console in
            let (cookie, _) = try await console.open()
            let path = "/authorize/callback?state=s&code=the-code"
            for strange in ["/authorize/callback", "/authorize/callback?code=x", "/authorize/callback?state=s"] {
                #expect(try await console.ask(strange, ["Cookie": cookie]).status == 400, "\(strange)")
            }
            #expect(try await console.ask(path).status == 400)
            #expect(try await console.ask(path, body: "", ["Cookie": cookie]).status == 405)
            #expect(console.service.answers.isEmpty)
            let back = try await console.ask(path, ["Cookie": cookie])
            #expect(back.status == 303 && back.headers["location"] == "/authorize/result/\(Self.result)")
            _ = try await console.ask("\(path)&error=access_denied&error_description=AADSTS65004", ["Cookie": cookie])
            #expect(console.service.answers == ["the-code", "access_denied AADSTS65004"])
            for answer in [LinkAnswer.unknown, .foreign] {
                console.service.change { $0.answer = answer }
                #expect(try await console.ask(path, ["Cookie": cookie]).status == 400)
            }
        }
    }

    @Test("shows how far the check is, and asks to be asked again until it is over")
    func result() async throws {
        var check = OwnerCheck(planned: [.init("token", of: "receive"), .init("mailbox_sign_in", of: nil)])
        check.ended(DoctorReport.Step(step: "token", of: "receive", outcome: .ok, found: "valid"))
        var script = FakeSelfService.Script()
        script.result = LinkResult(
            link: Secret(Self.token), outcome: .signedIn(person: "anna@contoso.de", isLasting: true, check: check))
        try await Self.run(script) { [check] console in
            let path = "/authorize/result/\(Self.result)"
            #expect(try await console.ask(path).status == 404, "not in another browser")
            let (cookie, _) = try await console.open()
            let running = try await console.ask(path, ["Cookie": cookie])
            #expect(running.body.contains("<main data-live>") && running.body.contains("<noscript><meta"))
            #expect(running.body.contains("<li class=\"ok\" data-part=\"sign_in\">"))
            #expect(running.body.contains("<li class=\"running\" data-part=\"mailbox\">"))
            console.service.change { script in
                var check = check
                check.ended(
                    DoctorReport.Step(step: "mailbox_sign_in", outcome: .failed, found: "no", nextStep: "Do it."))
                script.result?.outcome = .signedIn(person: nil, isLasting: true, check: check)
            }
            let over = try await console.ask(path, ["Cookie": cookie])
            #expect(!over.body.contains("data-live") && !over.body.contains("http-equiv=\"refresh\""))
            #expect(over.body.contains("<li class=\"failed\" data-part=\"mailbox\">"))
            #expect(over.body.contains("<p lang=\"en\">mailbox_sign_in: no Do it.</p>"))
        }
    }

    @Test(
        "says of a link that is of no use why, and tells nothing of one that nobody knows",
        arguments: [LinkEnd.used, .replaced, .revoked, .exhausted, .expired])
    func closed(end: LinkEnd) async throws {
        var script = FakeSelfService.Script()
        script.look = .closed(end)
        script.beginning = .closed(end)
        try await Self.run(script) { console in
            let page = try await console.ask("/authorize/\(Self.token)")
            #expect(page.status == 410 && !page.body.contains("<form") && page.headers["set-cookie"] == nil)
            console.service.change { $0.look = .unknown }
            let unknown = try await console.ask("/authorize/\(Self.token)")
            let nonsense = try await console.ask("/authorize/short")
            let elsewhere = try await console.ask("/authorize/\(Self.token)/more")
            #expect(unknown.status == 404 && unknown.body == nonsense.body && unknown.body == elsewhere.body)
            #expect(unknown.headers == nonsense.headers)
        }
    }

    @Test("answers other hosts, methods and paths as HTTP says, and fails without a word of what failed")
    func others() async throws {
        try await Self.run(.init(), .reached(at: "https://post.contoso.de")) { console in
            let path = "/authorize/\(Self.token)"
            let client = try await LineClient(port: Int(console.origin.split(separator: ":").last ?? "") ?? 0)
            for (host, status) in [
                ("evil.example", 421), ("post.contoso.de.evil.example", 421), ("post.contoso.de", 200),
                ("POST.contoso.de:443", 200), ("post.contoso.de:8443", 421), ("localhost:8025", 200),
                ("[::1]:1", 200),
            ] {
                let answer = try await ask(client, "HEAD \(path) HTTP/1.1", host)
                #expect(answer.first?.hasPrefix("HTTP/1.1 \(status) ") == true, "\(host)")
            }
            let head = try await ask(client, "HEAD \(path) HTTP/1.1", "localhost")
            #expect(head.contains { $0.lowercased().hasPrefix("content-length: ") && $0 != "content-length: 0" })
            for (line, status, allow) in [
                ("DELETE \(path)", 405, "GET, HEAD, POST"), ("HEAD /authorize/callback?state=s&code=c", 405, "GET"),
                ("PUT /assets/console.css", 405, "GET, HEAD"), ("DELETE /", 404, nil), ("GET /", 404, nil),
            ] as [(String, Int, String?)] {
                let other = try await LineClient(port: Int(console.origin.split(separator: ":").last ?? "") ?? 0)
                let answer = try await ask(other, line + " HTTP/1.1", "localhost")
                #expect(answer.first?.contains(" \(status) ") == true, "\(line): \(answer)")
                if let allow {
                    #expect(answer.contains { $0.lowercased() == "allow: \(allow)".lowercased() }, "\(line)")
                }
            }
            console.service.change { $0.error = Failure(.daemon, .never, operation: "read", reason: "secret reason") }
            let trouble = try await console.ask(path)
            #expect(trouble.status == 503 && !trouble.body.contains("secret reason"))
            #expect(trouble.headers["retry-after"] == "60")
            console.service.change { $0.error = Problem(.stopping, "It stops.", retryAfter: 7) }
            let stopping = try await console.ask(path)
            #expect(stopping.status == 503 && stopping.headers["retry-after"] == "7")
            let long = try await PlainHTTPClient.send(
                "\(console.origin)/authorize/\(String(repeating: "x", count: 40_000))", form: nil)
            #expect(long == nil || long?.status ?? 0 >= 400)
        }
    }

    /// The head of an answer on a connection that stays.
    private func ask(_ client: LineClient, _ line: String, _ host: String) async throws -> [String] {
        try client.send(bytes: Array("\(line)\r\nHost: \(host)\r\n\r\n".utf8))
        var lines: [String] = []
        while let line = try await client.line(), !line.isEmpty { lines.append(line) }
        return lines
    }

    @Test("limits how much one client asks, knows it behind a trusted proxy only, and lets it ask again later")
    func limits() async throws {
        var script = FakeSelfService.Script()
        script.look = .unknown
        try await Self.run(script, .trusting("127.0.0.1")) { console in
            func guess(_ client: String) async throws -> PlainHTTPClient.Answer {
                try await console.ask("/authorize/\(Self.token)", ["X-Forwarded-For": "6.6.6.6, \(client)"])
            }
            for _ in 0..<20 { #expect(try await guess("192.0.2.1").status == 404) }
            let refused = try await guess("192.0.2.1")
            #expect(refused.status == 429 && refused.headers["retry-after"] == "30")
            #expect(try await guess("192.0.2.2").status == 404)
            console.clock.advance(by: .seconds(30))
            #expect(try await guess("192.0.2.1").status == 404)
            #expect(try await guess("192.0.2.1").status == 429)
        }
        try await Self.run(script) { console in
            for number in 0..<20 {
                _ = try await console.ask("/authorize/\(Self.token)", ["X-Forwarded-For": "192.0.2.\(number)"])
            }
            let refused = try await console.ask("/authorize/\(Self.token)", ["X-Forwarded-For": "192.0.2.99"])
            #expect(refused.status == 429, "nobody is trusted")
        }
    }

    @Test("says which setting is wrong when its port cannot be had")
    func port() async throws {
        let taken = try ListeningSocket()
        let failure = await #expect(throws: Failure.self) {
            _ = try await Console(.init(), ConsoleSettings(listen: "127.0.0.1:\(taken.port)"))
        }
        #expect(failure?.reason.contains("console.listen") == true)
    }
}

extension ConsoleSettings {
    fileprivate static let anyPort = ConsoleSettings(listen: "127.0.0.1:0")

    fileprivate static func reached(at publicURL: String) -> ConsoleSettings {
        var settings = anyPort
        settings.publicURL = publicURL
        return settings
    }

    fileprivate static func trusting(_ proxy: String) -> ConsoleSettings {
        var settings = anyPort
        settings.trustedProxies = [IPNetwork(proxy)!]
        return settings
    }
}
