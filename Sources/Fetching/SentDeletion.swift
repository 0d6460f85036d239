import Diagnostics
import MailModel
import Sessions
import Store

/// Deletes from the Sent folder what our queue sent, once it is older than `delete_after`: a folder that is not watched has
/// no rows in the ledger, so that the queue's history says which messages these are, by Message-ID. Mail that people sent
/// themselves stays.
///
/// Nothing is planned and written down first: what an interruption leaves is found again the next time.
struct SentDeletion {
    let account: Account
    let accountID: AccountID
    let folder: RemoteFolder
    /// Of `delete_after`, counted from when the server took the message.
    let age: Duration
    let environment: FetchingEnvironment

    /// UIDs whose messages are not ours: they are not asked for again.
    struct Others: Sendable {
        var uidValidity: UIDValidity?
        var uids = UIDSet()
    }

    func run(_ mailbox: any Mailbox, _ others: Others) async throws -> Others {
        let end = environment.clock.now - age
        let mayFind = try await environment.store.read { [accountID] in
            try $0.queue.hasSent(accountID, before: end)
        }
        guard mayFind else { return others }
        let facts = try await mailbox.select(folder, for: .changing)
        let known = others.uidValidity == facts.uidValidity ? others.uids : UIDSet()
        let all = try await mailbox.look(Look.Question(.all)).present
        let younger = try await mailbox.look(Look.Question(.all, since: end + .seconds(86_400))).present
        let candidates = all.subtracting(younger).subtracting(known)
        let found = Tally((ours: [UID](), others: UIDSet()))
        try await mailbox.describe(candidates, .identity) { summaries in
            let (ours, others) = try await sort(summaries, before: end)
            found.value.ours += ours
            found.value.others = found.value.others.union(others)
        }
        for chunk in UIDSet(found.value.ours.sorted()).chunks(of: Limits.describedAtOnce) {
            try await mailbox.delete(chunk)
            for uid in chunk {
                environment.log.record(
                    .serverCopyChanged(
                        account.name, folder: folder.path.description, uid: uid, key: nil, .deleted))
            }
        }
        return Others(uidValidity: facts.uidValidity, uids: known.intersection(all).union(found.value.others))
    }

    private func sort(
        _ summaries: [MessageSummary], before end: Timestamp
    ) async throws -> (ours: [UID], others: UIDSet) {
        try await environment.store.read { [accountID] transaction in
            var ours: [UID] = []
            var others = UIDSet()
            for summary in summaries {
                let messageID = summary.headers?.messageID?.description
                let sent = try messageID.flatMap { try transaction.queue.sent(accountID, messageID: $0) }
                // What is ours and still too young is asked for again.
                if let sent { if sent <= end { ours.append(summary.uid) } } else { others.insert(summary.uid) }
            }
            return (ours, others)
        }
    }
}

extension AccountFetcher {
    /// Once a day. A Sent folder that is watched is looked after with its mail.
    ///
    /// - Returns: what the folder does not allow, by folder.
    func deleteSent(in mailbox: any Mailbox, _ selection: FolderSelection) async throws -> [String: Failure] {
        guard let age = settings.deleteAfter[.sent],
            let folder = selection.remote.first(where: { $0.role == .sent }),
            !selection.watched.contains(where: { $0.folder.serverName == folder.serverName })
        else { return [:] }
        let now = environment.clock.now
        if let last = sentDeletionTried, now - last < Limits.deletionInterval { return sentDeletionFailure }
        sentDeletionTried = now
        sentDeletionFailure = [:]
        let deletion = SentDeletion(
            account: account, accountID: accountID, folder: folder, age: age, environment: environment)
        do {
            notOurs = try await deletion.run(mailbox, notOurs)
        } catch let failure as Failure where failure.scope <= .folder && failure.retry != .now {
            guard await !mailbox.isOutOfStep else { throw failure }
            sentDeletionFailure = [folder.path.description: failure]
        } catch {
            sentDeletionTried = nil
            throw error
        }
        return sentDeletionFailure
    }
}
