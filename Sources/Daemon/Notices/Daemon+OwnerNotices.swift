import Authorization
import Diagnostics
import MailModel
import Operations
import Store

/// What the owners of mailboxes hear without asking (`notify_owner`): that they must sign in, with a fresh link, once
/// each time.
extension Daemon {
    func tellOwners() async {
        guard settings.notifyOwner, let notifier, await isWorking(notifier) else { return }
        guard let told = try? await store.read({ try $0.notices.all() }) else { return }
        let known = Set(told.map(\.subject).filter { $0.hasPrefix(AskedConsent.noticePrefix) })
        // As long as the administrator waits before anybody is told: much passes by itself.
        let missing = await missingConsents(for: Limits.problemPatience)
        var seen = known
        var left = Limits.ownersTold
        // Accounts that share a consent need one sign-in.
        for consent in missing where seen.insert(consent.noticeKey).inserted {
            guard left > 0 else { break }
            // Their mail would end the link with which they may be signing in just now.
            guard await !isBeingAsked(consent) else { continue }
            if await tell(consent) { left -= 1 }
        }
        let keys = Set(missing.map(\.noticeKey))
        ownersUntold = ownersUntold.filter { keys.contains($0.key) }
        await forgetMended(known, except: keys)
    }

    /// Whether its owner has a link of which half the life is left, or is signing in with one.
    private func isBeingAsked(_ consent: AskedConsent) async -> Bool {
        let now = clock.now
        guard let open = try? await store.read({ try $0.signInLinks.open(consent.name, at: now) }) else {
            return false
        }
        return open.contains { now - $0.created < $0.expires - now }
            || linkSignIns.areUnderWay(Set(open.map(\.digest)), at: now)
    }

    /// Its mail leaves: through an account that needs its own owner nobody is told anything.
    private func isWorking(_ worker: AccountWorker) async -> Bool {
        guard let health = await health(of: worker, .send) else { return false }
        return !health.state.isProblem
    }

    /// The mail first, then the record: after a crash in between there are two mails, and the link of the second one counts.
    ///
    /// Whom no mail can reach is tried again at each look and counts as told to nobody: what is in the way is said once,
    /// until it is something else.
    ///
    /// - Returns: whether the mail is queued.
    func tell(_ consent: AskedConsent) async -> Bool {
        do {
            let recipient = try await recipient(of: consent)
            _ = try await mailLink(for: consent, to: recipient, lifetime: Limits.ownerLink, way: "notify_owner")
        } catch {
            let failure =
                error as? Failure
                ?? Failure(
                    .account, .whenReconfigured(by: .operatorOfPostbote), operation: "tell the owner",
                    reason: Problem(error).detail)
            guard ownersUntold.updateValue(failure.reason, forKey: consent.noticeKey) != failure.reason else {
                return false
            }
            log.record(
                .noticeFailed(
                    "sign-in of \(consent.account.name)", because: failure.of(account: consent.account.name.text)))
            return false
        }
        let now = clock.now
        try? await store.write { try $0.notices.told(Notice(consent.noticeKey), at: now) }
        return true
    }

    /// What works again, or is not asked for any more: should it be missing again, the owner hears again.
    private func forgetMended(_ known: Set<String>, except missing: Set<String>) async {
        var waiting = missing
        for worker in workers.values {
            for consent in consents(of: worker.account) where known.contains(consent.noticeKey) {
                if await !isProvenWell(worker, consent) { waiting.insert(consent.noticeKey) }
            }
        }
        let mended = known.subtracting(waiting)
        guard !mended.isEmpty else { return }
        try? await store.write { transaction in
            for subject in mended { try transaction.notices.forget(subject) }
        }
    }

    /// In one direction at least that needs it: after a start both are well until they were tried.
    private func isProvenWell(_ worker: AccountWorker, _ consent: AskedConsent) async -> Bool {
        for direction in consent.directions {
            if let health = await health(of: worker, direction), await isProvenWell(worker, direction, health) {
                return true
            }
        }
        return false
    }
}

extension AskedConsent {
    static let noticePrefix = "owner/"

    /// As the store names what was told of it.
    var noticeKey: String { "\(AskedConsent.noticePrefix)\(key)" }
}
