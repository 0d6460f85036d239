import Diagnostics
import Store

// An operator's pause: without it the configuration would have to be edited.
extension AccountFetcher {
    /// Takes the pauses that the store holds now. A turn that goes on ends as always, and old mail after the slice in hand.
    public func pause(_ pauses: StoredAccount.Pauses) {
        hasRecalledPauses = true
        take(pauses)
        // A turn that goes on answers those who wait for it.
        if backfillPause != nil, status.activity == .idling { waiters.done(.all) }
        if pause == nil { wantsTurn = true }
        nap.wake()
    }

    /// A restart does not end a pause.
    func recallPauses() async throws {
        guard !hasRecalledPauses else { return }
        let stored = try await environment.store.read { [accountID] in try $0.accounts.find(accountID) }
        // Somebody may have paused or resumed it meanwhile.
        guard !hasRecalledPauses else { return }
        hasRecalledPauses = true
        take(stored?.pauses ?? StoredAccount.Pauses())
    }

    /// Until somebody resumes it, or its time is over.
    func waitForResume() async {
        await closeSession()
        guard let pause else { return }
        await nap.sleep(until: pause, environment.clock)
        endPauses()
    }

    /// Those whose time is over.
    func endPauses() { take(StoredAccount.Pauses(account: pause, backfill: backfillPause)) }

    private func take(_ pauses: StoredAccount.Pauses) {
        let pauses = pauses.inForce(at: environment.clock.now)
        pause = pauses.account
        backfillPause = pauses.backfill
        status.pausedUntil = pause
        status.backfillPausedUntil = backfillPause
        if pause != nil { waiters.end(with: AccountFetcher.paused.of(account: account.name.text)) }
    }

    static let paused = Failure(
        .direction, .later(after: nil), operation: "fetch",
        reason: "The account is paused by an operator. Run: postbote resume ACCOUNT")
}
