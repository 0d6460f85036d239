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

    @Test("is not replaced when the refresh fails, and the failure says why")
    func failing() async throws {
        let fixture = try await KeeperFixture.consented()
        let old = try await fixture.keeper.accessToken(for: fixture.signIn)
        fixture.clock.advance(by: .seconds(600))
        fixture.provider.answers(RefusalTests.revoked)
        do {
            _ = try await fixture.keeper.replacement(for: old, of: fixture.signIn)
            Issue.record("a failure was expected")
        } catch {
            #expect((error as? Failure)?.retry == .whenReauthorized)
        }
    }
}
