import Console
import Diagnostics
import MailModel
import Operations
import TestSupport
import Testing

@testable import Daemon
@testable import Store

@Suite("Links for the owners of mailboxes") struct LinkTests: LinkScene {
    @Test("say which mailboxes they open and who must sign in, until they expire")
    func look() async throws {
        let (test, daemon) = try await running(shared: ", authorized_as: boss@example.test")
        let report = try await daemon.makeLink(anna, lifetime: Self.hour, mail: false)
        #expect(report.person == "boss@example.test" && report.expires == test.clock.now + Self.hour)
        let token = try token(report)
        guard case .open(let invitation) = try await daemon.look(at: token) else {
            Issue.record("the link is not open")
            return
        }
        // One consent opens both.
        #expect(invitation.mailboxes == ["anna@example.test", "bert@example.test"])
        #expect(invitation.person == "boss@example.test" && invitation.provider == "localhost")
        #expect(invitation.receives && invitation.sends)
        #expect(try await daemon.look(at: .random()) == .unknown)
        test.clock.advance(by: Self.hour)
        #expect(try await daemon.look(at: token) == .closed(.expired))
        #expect(try await daemon.begin(token, in: BrowserKey.fresh) == .closed(.expired))
        await stop(test, daemon)
    }

    @Test("are of no use once the configuration asks for somebody else, or for nobody")
    func reconfigured() async throws {
        let (test, daemon) = try await running()
        let token = try token(try await daemon.makeLink(anna, lifetime: Self.hour, mail: false))
        try test.configure(
            accounts: ["anna"], top: Self.console, office: true, shared: ", authorized_as: boss@example.test")
        _ = try await daemon.reload()
        #expect(try await daemon.look(at: token) == .closed(.revoked))
        try test.configure(accounts: ["bert"], top: Self.console, office: true)
        _ = try await daemon.reload()
        #expect(try await daemon.look(at: token) == .closed(.revoked))
        await stop(test, daemon)
    }

    @Test("share one sign-in where accounts share a consent, and name every account")
    func allMissing() async throws {
        let (test, daemon) = try await running(["anna", "bert"], shared: ", authorized_as: boss@example.test")
        let links = try await daemon.makeMissingLinks(lifetime: Self.hour, mail: false).links
        #expect(links.map(\.account) == ["anna", "bert"])
        #expect(Set(links.map(\.url)).count == 1)
        #expect(test.recorder.events(.linkCreated).count == 1)
        #expect(
            test.recorder.events(.linkCreated).first?.fields.contains { field in
                links[0].url.map { field.value.description.contains($0.suffix(20)) } ?? false
            } == false)
        await stop(test, daemon)
    }

    @Test("are begun in a bounded number, in which the oldest of a link gives way")
    func begun() async throws {
        let (test, daemon) = try await running()
        let token = try token(try await daemon.makeLink(anna, lifetime: Self.hour, mail: false))
        var urls: [String] = []
        for _ in 0...Limits.linkSignInsOfOne {
            guard case .away(let url, _) = try await daemon.begin(token, in: BrowserKey.fresh) else {
                Issue.record("it was not begun")
                return
            }
            urls.append(url)
            test.clock.advance(by: .seconds(1))
        }
        #expect(
            urls.allSatisfy { $0.contains("redirect_uri=https%3A%2F%2Fpost.example.test%2Fauthorize%2Fcallback&") })
        #expect(
            urls.allSatisfy { $0.contains("login_hint=anna%40example.test") && $0.contains("prompt=select_account") })
        func answer(_ url: String) async throws -> LinkAnswer {
            let state = try #require(url.firstMatch(of: /state=([^&]+)/)).1
            return try await daemon.finish(
                AuthorizationAnswer(state: Secret(String(state)), result: .error("access_denied", description: nil)),
                in: .fresh)
        }
        #expect(try await answer(urls[0]) == .unknown)
        // Of another browser: it waits on.
        #expect(try await answer(urls[1]) == .foreign)
        #expect(try await answer(urls[1]) == .foreign)
        test.clock.advance(by: .seconds(601))
        #expect(try await answer(urls[2]) == .unknown)
        await stop(test, daemon)
    }

    @Test("keep a bounded number of results, so that one link takes no room from others")
    func results() async throws {
        let (test, daemon) = try await running()
        let token = try token(try await daemon.makeLink(anna, lifetime: Self.hour, mail: false))
        let browser = BrowserKey.fresh
        var results: [String] = []
        for _ in 0..<3 * Limits.linkSignInsOfOne {
            guard case .away(let url, _) = try await daemon.begin(token, in: browser) else {
                Issue.record("it was not begun")
                return
            }
            let state = try #require(url.firstMatch(of: /state=([^&]+)/)).1
            let declined = AuthorizationAnswer(
                state: Secret(String(state)), result: .error("access_denied", description: nil))
            guard case .result(let id) = try await daemon.finish(declined, in: browser) else {
                Issue.record("it was not answered")
                return
            }
            results.append(id)
            test.clock.advance(by: .seconds(1))
        }
        var kept: [String] = []
        for id in results where try await daemon.result(id, in: browser) != nil { kept.append(id) }
        #expect(kept == Array(results.suffix(Limits.linkSignInsOfOne)))
        await stop(test, daemon)
    }

    @Test(
        "ask for what is missing where receiving and sending need different consents",
        arguments: [("test", "other.example"), ("other", "localhost")])
    func twoConsents(given: String, missing: String) async throws {
        let test = try DaemonUnderTest()
        try test.configure(
            accounts: ["anna"], top: Self.console, office: true, providers: Self.other, send: "{provider: other}")
        let now = test.clock.now
        try await test.store.write { transaction in
            var generator = SystemRandomNumberGenerator()
            _ = try transaction.credentials.store(
                Consent(
                    grant: .authorizationCode, refreshToken: Secret("x"), refreshTokenExpires: nil, scopes: [],
                    identity: StoredIdentity()),
                provider: ProviderName(given)!, subject: "anna@example.test",
                new: CredentialID(using: &generator), at: now)
        }
        let daemon = try test.daemon()
        try await daemon.start()
        if given == "other" {
            // What receiving lacks says nothing of sending.
            try await pass(test, by: .seconds(1)) { [anna] in
                try await daemon.account(anna).receive?.state == .needsAuthorization
            }
        }
        let links = try await daemon.makeMissingLinks(lifetime: Self.hour, mail: false).links
        #expect(links.map(\.account) == ["anna"])
        for report in links + [try await daemon.makeLink(anna, lifetime: Self.hour, mail: false)] {
            // The newer one has taken the other's place.
            let look = try await daemon.look(at: try token(report))
            if case .open(let invitation) = look {
                #expect(invitation.provider == missing)
            } else {
                #expect(look == .closed(.replaced))
            }
        }
        await stop(test, daemon)
    }

    /// A provider beside the accounts' own.
    private static let other = """
          other:
            preset: generic
            client_id: other
            authorize_url: https://other.example/authorize
            token_url: https://localhost:1/token
            scopes: [mail]
            smtp: {host: localhost, port: 1, tls: implicit}
        """

    @Test("are as good as before while the daemon stops: it says when to ask again")
    func stopping() async throws {
        let (test, daemon) = try await running()
        let token = try token(try await daemon.makeLink(anna, lifetime: Self.hour, mail: false))
        await daemon.stop(within: .seconds(60))
        for ask in [
            { _ = try await daemon.look(at: token) }, { _ = try await daemon.begin(token, in: .fresh) },
            {
                let answer = AuthorizationAnswer(state: .random(), result: .error("x", description: nil))
                _ = try await daemon.finish(answer, in: .fresh)
            },
        ] as [() async throws -> Void] {
            let problem = await #expect(throws: Problem.self) { try await ask() }
            #expect(problem?.kind == .stopping && problem?.retryAfter == Limits.restartWait)
        }
        await test.store.close()
    }

    @Test("stay good until the mail with a newer one is on its way")
    func refusedMail() async throws {
        let (test, daemon) = try await running(["anna"])
        try await refuseMail(test)
        let token = try token(try await daemon.makeLink(anna, lifetime: Self.hour, mail: false))
        await #expect(throws: (any Error).self) {
            _ = try await daemon.makeLink(anna, lifetime: Self.hour, mail: true)
        }
        guard case .open = try await daemon.look(at: token) else {
            Issue.record("a link that somebody has was ended for one that nobody has")
            return
        }
        #expect(test.recorder.events(.linkCreated).count == 1)
        try await takeMail(test)
        _ = try await daemon.makeLink(anna, lifetime: Self.hour, mail: true)
        #expect(try await daemon.look(at: token) == .closed(.replaced))
        await stop(test, daemon)
    }

    @Test("are refused in words that say which setting is missing")
    func refused() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["anna"])
        let daemon = try test.daemon()
        try await daemon.start()
        let missing = await #expect(throws: Problem.self) {
            _ = try await daemon.makeLink(anna, lifetime: Self.hour, mail: false)
        }
        #expect(missing?.detail.contains("public_url: https://NAME") == true)
        try test.configure(accounts: ["anna"], top: Self.console, office: true)
        _ = try await daemon.reload()
        // Its listener is there after a restart.
        let changed = await #expect(throws: Problem.self) {
            _ = try await daemon.makeLink(anna, lifetime: Self.hour, mail: false)
        }
        #expect(changed?.detail.contains("restart") == true)
        let office = await #expect(throws: Problem.self) {
            _ = try await daemon.makeLink(AccountName("office")!, lifetime: Self.hour, mail: false)
        }
        #expect(office?.detail.contains("grant") == true)
        await stop(test, daemon)
    }

    @Test("are not mailed through the account that lacks the consent")
    func ownConsent() async throws {
        let test = try DaemonUnderTest()
        let top = Self.console.replacing("notify_via: office", with: "notify_via: bert")
        try test.configure(accounts: ["anna", "bert"], top: top)
        let daemon = try test.daemon()
        try await daemon.start()
        let problem = await #expect(throws: Problem.self) {
            _ = try await daemon.makeLink(AccountName("bert")!, lifetime: Self.hour, mail: true)
        }
        #expect(problem?.detail.contains("needs the same sign-in") == true)
        #expect(try await daemon.makeLink(anna, lifetime: Self.hour, mail: true).mailedTo == "anna@example.test")
        await stop(test, daemon)
    }
}
