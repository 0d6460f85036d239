import Daemon
import Diagnostics
import MailModel
import Operations
import TestSupport
import Testing

@Suite("What status explains") struct ExplainedStatusTests {
    @Test("a failure of one account comes with what to do, its own names filled in; of all accounts without")
    func explained() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["anna"])
        let daemon = try test.daemon()
        try await daemon.start()
        _ = try? await daemon.fetch(AccountName("anna")!, wait: true)
        let anna = try await daemon.account(AccountName("anna")!)
        for report in anna.errors + [anna.receive?.problem].compactMap(\.self) {
            let explanation = try #require(report.explanation)
            #expect(explanation.key == "Postbote Nobody has signed in for this account yet")
            #expect(explanation.actor == .owner)
            #expect(explanation.toDo.contains("`postbote authorize anna --device` and sign in as anna@example.test"))
        }
        #expect(!anna.errors.isEmpty)
        for account in try await daemon.accounts() {
            #expect(
                account.errors.allSatisfy { $0.explanation == nil } && account.receive?.problem?.explanation == nil)
        }
        await daemon.stop(within: .seconds(60))
        await test.store.close()
    }
}
