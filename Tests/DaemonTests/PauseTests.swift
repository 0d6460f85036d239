import ConfigurationFile
import Daemon
import Diagnostics
import MailModel
import Operations
import Store
import TestSupport
import Testing
import Transport

@Suite("A pause that an earlier process heard of") struct PauseTests {
    @Test("is told from the first answer on, before anything is fetched or sent")
    func fromTheFirstAnswerOn() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["anna", "bob"])
        let clock = test.clock
        try await test.store.write { transaction in
            let bob = try transaction.accounts.ensure(AccountName("bob")!, at: clock.now)
            try transaction.accounts.pause(bob, StoredAccount.Pauses(account: .distantFuture))
        }
        let daemon = try test.daemon()
        try await daemon.start()
        // Its first turn is a moment after anna's, and this clock stands still.
        let bob = try #require(await daemon.accounts().last)
        #expect(bob.receive?.state == .paused && bob.send?.state == .paused)
        #expect(bob.nextFetch == nil && bob.lastFetch == nil)
        await daemon.stop(within: .seconds(60))
        await test.store.close()
    }
}
