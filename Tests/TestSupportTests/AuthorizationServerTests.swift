import Diagnostics
import TestSupport
import Testing

@Suite("An authorization server for tests")
struct AuthorizationServerTests {
    static let anna = "anna@example.test"
    static let secret = "s3~Q+cr.e%t/&=ä"
    static let publicClient = RegisteredClient.publicClient.identifier
    static let confidentialClient = RegisteredClient.confidentialClient.identifier
    static let imap = "https://outlook.office.com/IMAP.AccessAsUser.All"

    @Test("refreshes into tokens that open the mailbox")
    func refresh() async throws {
        let server = try await AuthorizationServer.start()
        var options = DovecotOptions(users: [.init(Self.anna)])
        options.signer = server.options.signer
        let dovecot = try await DovecotServer.start(options)
        let answer = try await Self.refresh(server, token: server.consent(user: Self.anna))
        #expect(answer.status == 200)
        #expect(answer.members["expires_in"] == "3600")
        #expect(answer.members["token_type"] == "Bearer")
        let token = try #require(answer.members["access_token"])
        let client = try await LineClient(port: dovecot.port(.imap))
        try await client.line(beginning: "* OK [")
        try await client.ask(
            "a AUTHENTICATE XOAUTH2 \(SASLResponse.xoauth2(user: Self.anna, token: token))", until: "a OK")
        #expect(server.refreshes(of: Self.anna) == 1)
        await dovecot.stop()
        await server.stop()
    }

    /// A request to the token endpoint that Entra refuses.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        let error: String
        let code: Int
        /// The form, made with a refresh token of anna at the public client.
        let form: @Sendable (String) -> [(String, String)]
        var headers: [String: String] = [:]
        var tenant = "contoso.onmicrosoft.com"

        init(
            _ description: String, _ status: Int, _ error: String, _ code: Int, headers: [String: String] = [:],
            tenant: String = "contoso.onmicrosoft.com", _ form: @escaping @Sendable (String) -> [(String, String)]
        ) {
            testDescription = description
            self.status = status
            self.error = error
            self.code = code
            self.form = form
            self.headers = headers
            self.tenant = tenant
        }

        static func refresh(
            _ token: String, client: String = publicClient, and more: [(String, String)] = []
        ) -> [(String, String)] {
            [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", token)] + more
        }

        static func forApp(_ more: [(String, String)]) -> [(String, String)] {
            [("grant_type", "client_credentials"), ("client_id", confidentialClient)] + more
        }

        static let all: [Refusal] = [
            .init("no grant type", 400, "invalid_request", 900144) { _ in [("client_id", publicClient)] },
            .init("no client", 400, "invalid_request", 900144) {
                [("grant_type", "refresh_token"), ("refresh_token", $0)]
            },
            .init("no refresh token", 400, "invalid_request", 900144) { _ in
                [("grant_type", "refresh_token"), ("client_id", publicClient)]
            },
            .init("a parameter twice", 400, "invalid_request", 90004) { refresh($0, and: [("refresh_token", $0)]) },
            .init("the old parameter resource", 400, "invalid_request", 901002) {
                refresh($0, and: [("resource", "https://outlook.office.com")])
            },
            .init("an unknown tenant", 400, "invalid_request", 90002, tenant: "elsewhere.example") { refresh($0) },
            .init("an unknown client", 400, "unauthorized_client", 700016) { refresh($0, client: "somebody") },
            .init("an unknown grant type", 400, "unsupported_grant_type", 70003) { _ in
                [("grant_type", "password"), ("client_id", publicClient)]
            },
            .init("a secret from a public client", 401, "invalid_client", 700025) {
                refresh($0, and: [("client_secret", "x")])
            },
            .init(
                "a secret from a public client with Basic", 401, "invalid_client", 700025,
                headers: ["Authorization": "Basic NWIxZTEzMzMtYTVjNC00ZjA4LWJkZTUtOTk1M2NmYzhiMTNlOng="]
            ) { refresh($0) },
            .init("no secret from a confidential client", 401, "invalid_client", 7_000_218) {
                refresh($0, client: confidentialClient)
            },
            .init("a wrong secret", 401, "invalid_client", 7_000_215) {
                refresh($0, client: confidentialClient, and: [("client_secret", "wrong")])
            },
            .init("an expired secret", 401, "invalid_client", 7_000_222) { _ in
                forApp([("client_secret", "old"), ("scope", "https://outlook.office365.com/.default")])
            },
            .init("a token that was never given", 400, "invalid_grant", 9_002_313) { refresh($0 + "x") },
            .init("another client's token", 400, "invalid_grant", 70000) {
                refresh($0, client: confidentialClient, and: [("client_secret", secret)])
            },
            .init("two resources at once", 400, "invalid_scope", 700022) {
                refresh($0, and: [("scope", "\(imap) https://graph.microsoft.com/Mail.Read")])
            },
            .init("a resource that is not there", 400, "invalid_resource", 500011) {
                refresh($0, and: [("scope", "https://mail.example/IMAP")])
            },
            .init("no words in the scope", 400, "invalid_scope", 70011) { refresh($0, and: [("scope", " ")]) },
            .init("everything and something", 400, "invalid_scope", 70011) {
                refresh($0, and: [("scope", "https://outlook.office.com/.default \(imap)")])
            },
            .init("what nobody consented to", 400, "invalid_grant", 65001) {
                refresh($0, and: [("scope", "https://graph.microsoft.com/Mail.Read")])
            },
            .init("an app without .default", 400, "invalid_scope", 70011) { _ in
                forApp([("client_secret", secret), ("scope", imap)])
            },
            .init("an app without a tenant", 400, "invalid_request", 9_001_023, tenant: "common") { _ in
                forApp([("client_secret", secret), ("scope", "https://outlook.office365.com/.default")])
            },
            .init("a public client for itself", 401, "invalid_client", 7_000_218) { _ in
                [
                    ("grant_type", "client_credentials"), ("client_id", publicClient),
                    ("scope", "https://outlook.office.com/.default"),
                ]
            },
        ]
    }

    @Test("refuses what Entra refuses", arguments: Refusal.all)
    func refusals(_ refusal: Refusal) async throws {
        var options = AuthorizationOptions()
        options.clients[1].secrets.append(.init("old", expires: Timestamp(seconds: 1)))
        let server = try await AuthorizationServer.start(options)
        let form = refusal.form(server.consent(user: Self.anna))
        let url = "\(server.address)/\(refusal.tenant)/oauth2/v2.0/token"
        let answer = try #require(try await PlainHTTPClient.send(url, form: form, headers: refusal.headers))
        #expect(answer.status == refusal.status)
        #expect(answer.members["error"] == refusal.error)
        #expect(answer.members["error_description"]?.hasPrefix("AADSTS\(refusal.code): ") == true, "\(answer.body)")
        #expect(answer.body.contains("\"error_codes\":[\(refusal.code)]"))
        #expect(answer.members.keys.contains("trace_id"))
        #expect(server.records.map(\.outcome) == [.refused(error: refusal.error, code: refusal.code)])
        await server.stop()
    }

    @Test("takes a secret encoded in the form or with Basic, and no other way")
    func secrets() async throws {
        let server = try await AuthorizationServer.start()
        let scope = "https://outlook.office365.com/.default"
        let form = [("grant_type", "client_credentials"), ("scope", scope)]
        let named = form + [("client_id", Self.confidentialClient)]
        let encoded = try await PlainHTTPClient.send(server.tokenURL, form: named + [("client_secret", Self.secret)])
        #expect(encoded?.status == 200)
        #expect(encoded?.members["refresh_token"] == nil)
        let plain = named.map { "\($0)=\($1)" }.joined(separator: "&") + "&client_secret=s3~Q+cr.e%t/"
        #expect(try await PlainHTTPClient.send(server.tokenURL, body: plain)?.status == 401)
        let basic = SASLResponse.basic("\(Self.confidentialClient):\(PlainHTTPClient.encode(Self.secret))")
        #expect(
            try await PlainHTTPClient.send(server.tokenURL, form: form, headers: ["Authorization": "Basic \(basic)"])?
                .status
                == 200)
        let unencoded = SASLResponse.basic("\(Self.confidentialClient):\(Self.secret)")
        #expect(
            try await PlainHTTPClient.send(
                server.tokenURL, form: form, headers: ["Authorization": "Basic \(unencoded)"])?
                .status == 401)
        await server.stop()
    }

    @Test("rotates as asked: old tokens stay, or revoke the family, or there are no new ones")
    func rotation() async throws {
        for (rotation, again, newWorks) in [
            (AuthorizationOptions.Rotation.keepsOld, 200, true), (.strict, 400, false), (.never, 200, true),
        ] {
            var options = AuthorizationOptions()
            options.rotation = rotation
            let server = try await AuthorizationServer.start(options)
            let first = server.consent(user: Self.anna)
            let next = try await Self.refresh(server, token: first).members["refresh_token"]
            #expect((next == nil) == (rotation == .never))
            #expect(try await Self.refresh(server, token: first).status == again)
            #expect((try await Self.refresh(server, token: next ?? first).status == 200) == newWorks)
            await server.stop()
        }
    }

    @Test("lets tokens lapse: revoked, and unused for too long")
    func lapses() async throws {
        let clock = TestClock()
        var options = AuthorizationOptions()
        options.clock = clock
        let server = try await AuthorizationServer.start(options)
        let token = server.consent(user: Self.anna)
        clock.advance(by: .seconds(89 * 86400))
        #expect(try await Self.refresh(server, token: token).status == 200)
        clock.advance(by: .seconds(90 * 86400))
        #expect(try await Self.refresh(server, token: token).body.contains("AADSTS700082"))
        let other = server.consent(user: Self.anna)
        server.revoke(user: Self.anna)
        #expect(try await Self.refresh(server, token: other).body.contains("AADSTS50173"))
        await server.stop()
    }

    @Test("lets a device sign in once somebody has entered its code")
    func device() async throws {
        let clock = TestClock()
        var options = AuthorizationOptions()
        options.clock = clock
        options.enforcesInterval = true
        let server = try await AuthorizationServer.start(options)
        let scope = AuthorizationServer.mailScopes.joined(separator: " ")
        let start = try #require(
            try await PlainHTTPClient.send(
                server.deviceURL, form: [("client_id", Self.publicClient), ("scope", scope)]))
        #expect(start.members["interval"] == "5")
        let code = try #require(start.members["device_code"])
        let poll = { @Sendable () async throws -> [String: String] in
            let form = [
                ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", Self.publicClient),
                ("device_code", code),
            ]
            return try await PlainHTTPClient.send(server.tokenURL, form: form)?.members ?? [:]
        }
        #expect(try await poll()["error"] == "authorization_pending")
        #expect(try await poll()["error"] == "slow_down")
        clock.advance(by: .seconds(10))
        #expect(server.approveDevice(userCode: try await server.pendingUserCode(), as: Self.anna))
        let granted = try await poll()
        #expect(granted["refresh_token"] != nil)
        #expect(granted["id_token"] != nil)
        clock.advance(by: .seconds(60))
        #expect(try await poll()["error"] == "invalid_grant")
        await server.stop()
    }

    @Test("tells a device that it was declined, came too late, or was never there")
    func deviceRefusals() async throws {
        let clock = TestClock()
        var options = AuthorizationOptions()
        options.clock = clock
        let server = try await AuthorizationServer.start(options)
        let start = { @Sendable () async throws -> [String: String] in
            try await PlainHTTPClient.send(
                server.deviceURL, form: [("client_id", Self.publicClient), ("scope", Self.imap)])?.members ?? [:]
        }
        let poll = { @Sendable (code: String) async throws -> String? in
            let form = [("grant_type", "device_code"), ("client_id", Self.publicClient), ("device_code", code)]
            return try await PlainHTTPClient.send(server.tokenURL, form: form)?.members["error"]
        }
        let declined = try await start()
        server.declineDevice(userCode: declined["user_code"] ?? "")
        #expect(try await poll(declined["device_code"] ?? "") == "authorization_declined")
        let late = try await start()
        clock.advance(by: .seconds(900))
        #expect(try await poll(late["device_code"] ?? "") == "expired_token")
        #expect(try await poll("never") == "bad_verification_code")
        await server.stop()
    }

    @Test("redeems a browser's code once, for its own client, address and verifier")
    func code() async throws {
        let server = try await AuthorizationServer.start()
        server.signIn(as: Self.anna)
        let redirect = "http://localhost:4711"
        // RFC 7636 appendix B.
        let (verifier, challenge) = (
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        )
        let query = [
            "client_id=\(Self.publicClient)", "response_type=code",
            "redirect_uri=\(PlainHTTPClient.encode(redirect))",
            "scope=\(PlainHTTPClient.encode(Self.imap + " offline_access"))", "state=xyz",
            "code_challenge=\(challenge)", "code_challenge_method=S256",
        ].joined(separator: "&")
        let page = try #require(try await PlainHTTPClient.send("\(server.authorizeURL)?\(query)", form: nil))
        #expect(page.status == 302)
        let location = try #require(page.headers["location"])
        let match = try #require(
            location.wholeMatch(of: /http:\/\/localhost:4711\/\?code=([^&]+)&session_state=[^&]+&state=xyz/))
        let form = [
            ("grant_type", "authorization_code"), ("client_id", Self.publicClient), ("code", String(match.1)),
        ]
        let redeem = { @Sendable (more: [(String, String)]) async throws -> String? in
            let answer = try await PlainHTTPClient.send(server.tokenURL, form: form + more)
            return answer?.members["error_description"].map { String($0.prefix { $0 != ":" }) }
        }
        #expect(
            try await redeem([("redirect_uri", "http://localhost:1"), ("code_verifier", verifier)]) == "AADSTS50011")
        #expect(try await redeem([("redirect_uri", redirect), ("code_verifier", "another")]) == "AADSTS501481")
        #expect(try await redeem([("redirect_uri", redirect), ("code_verifier", verifier)]) == nil)
        #expect(try await redeem([("redirect_uri", redirect), ("code_verifier", verifier)]) == "AADSTS54005")
        let foreign = query.replacing("localhost%3A4711", with: "evil.example")
        #expect(try await PlainHTTPClient.send("\(server.authorizeURL)?\(foreign)", form: nil)?.status == 400)
        // A path is part of the address, a port on loopback is not.
        for (wrong, status) in [("localhost%3A1%2Fpath", 400), ("localhost%3A1", 302), ("127.0.0.1%3A1", 400)] {
            let query = query.replacing("localhost%3A4711", with: wrong)
            #expect(try await PlainHTTPClient.send("\(server.authorizeURL)?\(query)", form: nil)?.status == status)
        }
        for (missing, error) in [
            ("response_type=code", "unsupported_response_type"), ("code_challenge_method=S256", "invalid_request"),
            ("code_challenge=\(challenge)", "invalid_request"),
        ] {
            let query = query.split(separator: "&").filter { $0 != missing }.joined(separator: "&")
            #expect(try await server.browse("\(server.authorizeURL)?\(query)")?.contains("?error=\(error)&") == true)
        }
        server.remember(user: "other@example.test")
        for (prompt, user) in [("", "other@example.test"), ("&prompt=select_account", Self.anna)] {
            let address = try #require(try await server.browse("\(server.authorizeURL)?\(query)\(prompt)"))
            let code = try #require(address.firstMatch(of: /code=([^&]+)/)?.1)
            _ = try await PlainHTTPClient.send(
                server.tokenURL, form: Array(form.dropLast()) + [("code", String(code))])
            #expect(server.records.last?.user == user)
        }
        server.remember(user: nil)
        server.signIn(as: nil)
        let declined = try await PlainHTTPClient.send("\(server.authorizeURL)?\(query)", form: nil)
        #expect(declined?.headers["location"]?.contains("error=access_denied") == true)
        await server.stop()
    }

    @Test("fails on demand, in the order asked for")
    func faults() async throws {
        let server = try await AuthorizationServer.start()
        let token = server.consent(user: Self.anna)
        let refusal = EntraError(50076, "interaction_required", "MFA.", suberror: "basic_action", claims: "{\"a\":1}")
        server.answerNext(.throttled(retryAfter: .seconds(7)))
        server.answerNext(.serverError)
        server.answerNext(.refuse(refusal))
        server.answerNext(.half)
        server.answerNext(.lost)
        server.answerNext(.close)
        server.answerNext(.omitting(["expires_in"]))
        let throttled = try await Self.refresh(server, token: token)
        #expect(throttled.status == 429 && throttled.headers["retry-after"] == "7")
        #expect(try await Self.refresh(server, token: token).status == 500)
        let refused = try await Self.refresh(server, token: token)
        #expect(refused.members["suberror"] == "basic_action" && refused.members["claims"] == "{\"a\":1}")
        let half = try await Self.refresh(server, token: token)
        #expect(half.status == 200 && !half.isComplete)
        let form = Refusal.refresh(token)
        #expect(try await PlainHTTPClient.send(server.tokenURL, form: form) == nil)
        #expect(try await PlainHTTPClient.send(server.tokenURL, form: form) == nil)
        let last = try await Self.refresh(server, token: token)
        #expect(last.status == 200 && last.members["expires_in"] == nil)
        #expect(
            server.records.map(\.outcome) == [
                .fault, .fault, .refused(error: "interaction_required", code: 50076), .granted, .granted, .fault,
                .granted,
            ])
        await server.stop()
    }

    @Test("counts requests under way, holds them, and notices that a client went")
    func concurrency() async throws {
        let server = try await AuthorizationServer.start()
        let token = server.consent(user: Self.anna)
        let gate = Gate()
        server.answerNext(.held(gate), times: 2)
        async let first = Self.refresh(server, token: token)
        async let second = Self.refresh(server, token: token)
        try await server.records(atLeast: 2) { $0.outcome == .underWay }
        #expect(server.mostConcurrent(of: Self.anna) == 2)
        gate.open()
        #expect(try await first.status == 200)
        #expect(try await second.status == 200)
        server.answerNext(.hang)
        let client = try await LineClient(port: server.port)
        let body = "grant_type=refresh_token&client_id=\(Self.publicClient)&refresh_token=\(token)"
        try client.send("POST /\(server.options.tenant)/oauth2/v2.0/token HTTP/1.1")
        try client.send("Host: localhost")
        try client.send("Content-Length: \(body.utf8.count)")
        try client.send("")
        try client.send(bytes: Array(body.utf8))
        try await server.records(atLeast: 3) { _ in true }
        await client.close()
        try await server.records(atLeast: 1) { $0.outcome == .abandoned }
        await server.stop()
    }

    private static func refresh(_ server: AuthorizationServer, token: String) async throws -> PlainHTTPClient.Answer {
        try #require(try await PlainHTTPClient.send(server.tokenURL, form: Refusal.refresh(token)))
    }
}
