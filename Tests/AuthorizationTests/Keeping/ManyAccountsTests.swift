import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Authorization

@Suite("5,000 accounts over simulated days")
struct ManyAccountsTests {
    private static let lifetime = Duration.seconds(6 * 3600)
    private static let slot = Duration.seconds(600)
    private static let slots = 2 * 144

    /// - Parameter vault: as an earlier keeper left it.
    private func keeper(_ vault: MemoryVault, _ provider: SimulatedProvider, _ clock: TestClock) -> TokenKeeper {
        TokenKeeper(
            vault: vault, transport: provider, readSecret: { _ in throw CancellationError() }, clock: clock,
            generator: SeededGenerator(seed: 42))
    }

    @Test("are refreshed once for each lifetime, without a peak; a restart fetches no token that is still valid")
    func days() async throws {
        let settings = Settings.accounts((0..<5000).map { "a\($0)" })
        let clock = TestClock(now: KeeperFixture.start)
        let provider = SimulatedProvider(clock: clock, lifetime: Self.lifetime)
        // One consent each, given on the same morning.
        let vault = MemoryVault(
            settings.consentKeys.map { key in
                KeptCredential(key: key, version: 1, grant: KeptGrant(refreshToken: Secret("of-\(key.subject)")))
            })
        var present = keeper(vault, provider, clock)
        try await present.apply(settings)
        await present.untilQuiet(at: clock.now)
        #expect(provider.count == 5000)
        var counts: [Int] = []
        for slot in 1...Self.slots {
            let before = provider.count
            clock.advance(by: Self.slot)
            await present.untilQuiet(at: clock.now)
            counts.append(provider.count - before)
            guard slot == Self.slots / 2 else { continue }
            let asked = provider.count
            await present.shutDown()
            present = keeper(vault, provider, clock)
            try await present.apply(settings)
            for account in settings.accounts.values {
                _ = try await present.accessToken(for: try #require(account.receive?.signIn))
            }
            await present.untilQuiet(at: clock.now)
            #expect(provider.count == asked, "the restart fetched what was valid")
        }
        let mean = Double(counts.reduce(0, +)) / Double(counts.count)
        #expect(Double(counts.max() ?? 0) <= 3 * mean, "\(counts.max() ?? 0) at most, \(mean) on average")
        let refreshes = provider.refreshes
        #expect(refreshes.count == 5000)
        for (token, moments) in refreshes {
            for (earlier, later) in zip(moments, moments.dropFirst()) {
                let gap = later - earlier
                // Never before the last third of its life, and never too late for whoever wants it.
                #expect(gap >= Self.lifetime * 0.6 && gap < Self.lifetime, "\(token): \(gap)")
            }
        }
        await present.shutDown()
    }
}

extension TokenKeeper {
    /// Returns when all that is due is done.
    fileprivate func untilQuiet(at now: Timestamp) async {
        while !flights.isEmpty || entries.values.contains(where: { $0.lifecycle.next.map { $0 <= now } ?? false }) {
            await Task.yield()
        }
    }
}
