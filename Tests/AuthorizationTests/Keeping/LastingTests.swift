import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("A consent lasts")
struct LastingTests {
    @Test(
        "although nobody asks for a token: it is used before it ends of idleness, also of a disabled account",
        arguments: [Duration.seconds(90 * 86400), .seconds(182 * 86400)])
    func exercised(idle: Duration) async throws {
        let real = try await RealProvider.start {
            $0.refreshTokenInactivity = idle
            $0.accessTokenLifetime = .seconds(86400)
            // Google's: the same token goes on, and dies when it is not used.
            $0.rotation = .never
        }
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        var settings = real.settings
        for name in settings.accounts.keys {
            settings.accounts[name]?.enabled = false
            settings.accounts[name]?.receive?.enabled = false
        }
        try await real.keeper.apply(settings)
        let end = real.clock.now + idle + idle / 10
        while real.clock.now < end {
            let before = real.server.records.count
            real.clock.advance(by: .seconds(86400))
            try await real.server.records(atLeast: before + 1) { _ in true }
            while try await real.keeper.status(of: real.signIn())?.isRefreshing == true { await Task.yield() }
        }
        #expect(await real.failure() == nil)
        #expect(real.server.records.allSatisfy { $0.outcome == .granted })
        await real.stop()
    }

    @Test("over a start after it was refused: what is stored is tried once more before anybody is asked to sign in")
    func onceMore() async throws {
        var real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        real.clock.advance(by: .seconds(3700))
        let refusal = AuthorizationFault.refuse(EntraError(50173, "invalid_grant", "Revoked.", suberror: "bad_token"))
        // A refusal that was none, and one that is.
        for (times, isLost) in [(1, false), (2, true)] {
            real.server.answerNext(refusal, times: times)
            try await real.keeper.retryNow(real.signIn())
            #expect(await real.failure()?.retry == .whenReauthorized)
            let asked = real.server.records.count
            real = try await real.restarted()
            #expect((await real.failure() == nil) == !isLost)
            #expect(real.server.records.count == asked + 1, "once")
            if isLost { #expect(await real.failure()?.retry == .whenReauthorized) }
            real.clock.advance(by: .seconds(3700))
        }
        await real.stop()
    }
}
