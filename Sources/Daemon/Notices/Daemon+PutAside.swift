import Diagnostics
import MailModel
import Store

/// Messages that stepped aside by themselves: the journal says so of each, the administrator gets one mail for all of them,
/// and no other one for an hour.
extension Daemon {
    private static let subject = "put_aside"

    func tellPutAside() async {
        // It waits for the account that it goes through.
        guard settings.notify == nil || notifier != nil, let notice = try? await nextNotice(),
            let parts = try? await store.read({ [accountNames] in try Self.parts(of: notice, accountNames, $0) })
        else { return }
        let mail = PutAsideMail(parts)
        if let mail {
            guard await send(NoticeMail(key: notice, subject: mail.subject, text: mail.text)) else { return }
        }
        try? await store.write { [now = clock.now] transaction in
            try transaction.putAside.forget(notice)
            if mail != nil { try transaction.notices.told(Notice(Self.subject), at: now) }
        }
    }

    /// The key of the notice that is due; that of one that a crash kept from being queued, or nobody knows whether it was,
    /// is the same again.
    private func nextNotice() async throws -> String? {
        let (unfinished, oldest, last) = try await store.read { transaction in
            (
                try transaction.putAside.unfinishedNotice(), try transaction.putAside.oldest(),
                try transaction.notices.lastTold(Self.subject)
            )
        }
        if let unfinished { return unfinished }
        let now = clock.now
        guard let oldest, oldest + Limits.problemPatience <= now,
            last.map({ $0 + Limits.putAsideInterval <= now }) ?? true
        else { return nil }
        var generator = SystemRandomNumberGenerator()
        let notice = "\(Self.subject)/\(DeliveryKey(using: &generator))"
        let own = notifier.map { ($0.id, settings.notify ?? "") }
        try await store.write { transaction in
            // What is sent through an account that cannot send is held some day, and is no news.
            if let own { try transaction.putAside.leaveOut(heldMailOf: own.0, to: own.1) }
            try transaction.putAside.gather(into: notice)
        }
        return notice
    }

    private var accountNames: [AccountID: AccountName] {
        Dictionary(workers.values.map { ($0.id, $0.account.name) }) { first, _ in first }
    }

    private static func parts(
        of notice: String, _ names: [AccountID: AccountName], _ transaction: Transaction<Reading>
    ) throws -> [PutAsideMail.Part] {
        var parts: [PutAsideMail.Part] = []
        for told in try transaction.putAside.told(in: notice) {
            guard let name = names[told.account] else { continue }
            // Beyond that only their number is told.
            let limit = parts.count < Limits.accountsNamed ? Limits.messagesNamed : 0
            switch told.kind {
            case .held:
                let ids = try transaction.putAside.held(in: notice, of: told.account, limit: limit)
                parts.append(
                    PutAsideMail.Part(account: name, kind: .held, count: told.count, named: ids.map(\.description)))
            case .quarantined:
                let ids = try transaction.putAside.quarantined(in: notice, of: told.account, limit: limit)
                let named = try ids.compactMap { id in try transaction.obstacles.find(id) }.map { obstacle in
                    let folder = try transaction.folders.find(obstacle.folder).map {
                        FolderPath(decoding: $0).description
                    }
                    return "ID \(obstacle.message), \(folder ?? ""), UID \(obstacle.uid): \(obstacle.reason)"
                }
                parts.append(
                    PutAsideMail.Part(account: name, kind: .quarantined, count: told.count, named: named))
            }
        }
        return parts
    }
}
