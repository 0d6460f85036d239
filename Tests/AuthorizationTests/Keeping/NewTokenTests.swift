import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("A new token on demand")
struct NewTokenTests {
    @Test("is fetched although the present one is a moment old, once for all who ask meanwhile")
    func fetched() async throws {
        let door = Gate(open: true)
        let provider = ScriptedProvider { _, number in
            try await door.passed()
            return .token("access-\(number)", refresh: "refresh-\(number)")
        }
        let fixture = try await KeeperFixture.consented(provider: provider)
        #expect(try await fixture.token() == "access-1")
        door.close()
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 {
                group.addTask { try await fixture.keeper.newToken(for: fixture.signIn).secret.reveal() }
            }
            try await provider.requests(atLeast: 2)
            // Nobody else waits for it.
            #expect(try await fixture.token() == "access-1")
            for _ in 0..<1000 { await Task.yield() }
            door.open()
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        // Whoever came too late for the one flight began another; nobody had one of their own.
        #expect(tokens.contains("access-2"))
        #expect(provider.requests.count == tokens.count + 1)
        #expect(tokens.count < 50)
        #expect(try await fixture.keeper.newToken(for: fixture.signIn).secret.reveal() != "access-2")
    }

    @Test("is not given when the provider is in trouble: the failure is, and the present one stays")
    func trouble() async throws {
        let fixture = try await KeeperFixture.consented()
        #expect(try await fixture.token() == "access-1")
        fixture.provider.answers(.json(429, "", retryAfter: "30"))
        for _ in 0..<5 {
            do {
                _ = try await fixture.keeper.newToken(for: fixture.signIn)
                Issue.record("a failure was expected")
            } catch {
                guard case .later(let wait?) = (error as? Failure)?.retry else { return #expect(Bool(false)) }
                #expect(wait >= .seconds(30))
            }
        }
        // The provider asked for patience.
        #expect(fixture.provider.requests.count == 2)
        #expect(try await fixture.token() == "access-1")
        fixture.provider.answers(.token("access-3"))
        fixture.clock.advance(by: .seconds(40))
        #expect(try await fixture.keeper.newToken(for: fixture.signIn).secret.reveal() == "access-3")
    }

    @Test("is the same one where the provider gives no other")
    func same() async throws {
        let fixture = try await KeeperFixture.consented(provider: ScriptedProvider { _, _ in .token("access") })
        for _ in 0..<3 { #expect(try await fixture.keeper.newToken(for: fixture.signIn).secret.reveal() == "access") }
        #expect(fixture.provider.requests.count == 3)
    }

    @Test("is not to be had where nobody signed in")
    func nobody() async throws {
        let fixture = KeeperFixture()
        try await fixture.keeper.apply(fixture.settings)
        do {
            _ = try await fixture.keeper.newToken(for: fixture.signIn)
            Issue.record("a failure was expected")
        } catch {
            #expect((error as? Failure)?.retry == .whenReauthorized)
        }
    }
}
