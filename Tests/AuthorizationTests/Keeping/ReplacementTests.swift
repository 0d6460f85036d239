import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("A token that a mail server refused")
struct ReplacementTests {
    @Test("is replaced by a newer one, without asking for it twice")
    func replaced() async throws {
        let fixture = try await KeeperFixture.consented()
        let old = try await fixture.keeper.accessToken(for: fixture.signIn)
        fixture.clock.advance(by: .seconds(600))
        let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await fixture.keeper.replacement(for: old, of: fixture.signIn)?.secret.reveal()
                }
            }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(tokens == ["access-2"])
        #expect(fixture.provider.requests.count == 2)
    }

    @Test("is not replaced when it is fresh: the cause is another")
    func fresh() async throws {
        let fixture = try await KeeperFixture.consented()
        let token = try await fixture.keeper.accessToken(for: fixture.signIn)
        fixture.clock.advance(by: .seconds(299))
        #expect(try await fixture.keeper.replacement(for: token, of: fixture.signIn) == nil)
        fixture.clock.advance(by: .seconds(1))
        let second = try #require(try await fixture.keeper.replacement(for: token, of: fixture.signIn))
        #expect(try await fixture.keeper.replacement(for: second, of: fixture.signIn) == nil)
        #expect(fixture.provider.requests.count == 2)
    }

    @Test("does not hurt the other mailboxes of the same person, who go on with it")
    func others() async throws {
        let door = Gate(open: true)
        let provider = ScriptedProvider { _, number in
            try await door.passed()
            return .token("access-\(number)")
        }
        let fixture = try await KeeperFixture.consented(provider: provider)
        let old = try await fixture.keeper.accessToken(for: fixture.signIn)
        fixture.clock.advance(by: .seconds(600))
        door.close()
        let replacing = Task { try await fixture.keeper.replacement(for: old, of: fixture.signIn) }
        try await provider.requests(atLeast: 2)
        #expect(try await fixture.token() == "access-1")
        door.open()
        #expect(try await replacing.value?.secret.reveal() == "access-2")
    }

    @Test("is not replaced when the refresh is refused, and the failure says why, each time")
    func refused() async throws {
        let fixture = try await KeeperFixture.consented()
        let old = try await fixture.keeper.accessToken(for: fixture.signIn)
        fixture.clock.advance(by: .seconds(600))
        fixture.provider.answers(RefusalTests.revoked)
        for _ in 0..<3 { #expect(await failure(fixture, old)?.retry == .whenReauthorized) }
        #expect(fixture.provider.requests.count == 2)
    }

    @Test("says nothing about the account while it is old and no newer one can be had")
    func unknown() async throws {
        let fixture = try await KeeperFixture.consented()
        let old = try await fixture.keeper.accessToken(for: fixture.signIn)
        fixture.clock.advance(by: .seconds(600))
        fixture.provider.answers(.json(503, ""))
        for _ in 0..<3 {
            guard case .later = await failure(fixture, old)?.retry else { return #expect(Bool(false)) }
        }
        #expect(fixture.provider.requests.count == 2)
    }

    @Test("is fresh, too, while a newer one cannot be had: the cause is another")
    func freshInTrouble() async throws {
        let fixture = try await KeeperFixture.consented()
        let token = try await fixture.keeper.accessToken(for: fixture.signIn)
        fixture.provider.answers(.json(503, ""))
        await #expect(throws: Failure.self) { try await fixture.keeper.newToken(for: fixture.signIn) }
        #expect(try await fixture.keeper.replacement(for: token, of: fixture.signIn) == nil)
    }

    @Test("is replaced, however young, when it has ended")
    func ended() async throws {
        let fixture = try await KeeperFixture.consented(
            provider: ScriptedProvider { _, number in .token("access-\(number)", lifetime: 60) })
        let token = try await fixture.keeper.accessToken(for: fixture.signIn)
        fixture.clock.advance(by: .seconds(61))
        let newer = try await fixture.keeper.replacement(for: token, of: fixture.signIn)
        #expect(newer?.secret.reveal() == "access-2")
    }

    private func failure(_ fixture: KeeperFixture, _ refused: Authorization.AccessToken) async -> Failure? {
        do {
            let token = try await fixture.keeper.replacement(for: refused, of: fixture.signIn)
            Issue.record("a failure was expected, not \(token == nil ? "none" : "a token")")
            return nil
        } catch { return error as? Failure }
    }
}
