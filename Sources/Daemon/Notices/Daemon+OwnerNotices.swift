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
        var open = known
        var left = Limits.ownersTold
        for consent in missing {
            // Accounts that share a consent need one sign-in.
            guard open.insert(consent.noticeKey).inserted else { continue }
            guard left > 0 else { break }
            left -= 1
            await tell(consent)
        }
        await forgetMended(known, except: Set(missing.map(\.noticeKey)))
    }

    /// Its mail leaves: through an account that needs its own owner nobody is told anything.
    private func isWorking(_ worker: AccountWorker) async -> Bool {
        guard let health = await health(of: worker, .send) else { return false }
        return !health.state.isProblem
    }

    /// The mail first, then the record: after a crash in between there are two mails, and the link of the second one counts.
    private func tell(_ consent: AskedConsent) async {
        do {
            guard let recipient = consent.mailAddress else {
                throw Failure(
                    .account, .whenReconfigured(by: .operatorOfPostbote), operation: "tell the owner",
                    reason: "\(consent.signIn.authorizedAs) is no mail address: postbote authorize "
                        + "\(consent.account.name) --link prints a link for them.")
            }
            _ = try await mailLink(for: consent, to: recipient, lifetime: Limits.ownerLink, way: "notify_owner")
        } catch {
            let failure =
                error as? Failure
                ?? Failure(.account, .later(after: nil), operation: "tell the owner", reason: Problem(error).detail)
            log.record(
                .noticeFailed(
                    "sign-in of \(consent.account.name)", because: failure.of(account: consent.account.name.text)))
            // The disk is full, or it passes; anything else would be refused again.
            guard failure.scope < .daemon, case .whenReconfigured = failure.retry else { return }
        }
        let now = clock.now
        try? await store.write { try $0.notices.told(Notice(consent.noticeKey), at: now) }
    }

    /// What works again, or is not asked for any more: should it be missing again, the owner hears again.
    private func forgetMended(_ known: Set<String>, except missing: Set<String>) async {
        var waiting = missing
        for worker in workers.values {
            guard let consent = try? consent(askedFor: worker.account.name), known.contains(consent.noticeKey),
                await !isProvenWell(worker)
            else { continue }
            waiting.insert(consent.noticeKey)
        }
        let mended = known.subtracting(waiting)
        guard !mended.isEmpty else { return }
        try? await store.write { transaction in
            for subject in mended { try transaction.notices.forget(subject) }
        }
    }

    /// In one direction at least: after a start both are well until they were tried.
    private func isProvenWell(_ worker: AccountWorker) async -> Bool {
        for direction in Direction.allCases {
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
