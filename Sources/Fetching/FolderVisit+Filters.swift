import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

// What is new on the server and not wanted: written down, so that it is asked about once, and listed.
extension FolderVisit {
    /// Those of `new` that are larger than `max_message_size`.
    func noteTooLarge(_ mailbox: any Mailbox, _ stored: StoredFolder, _ new: UIDSet) async throws -> UIDSet {
        guard let limit = settings.maxMessageSize else { return UIDSet() }
        var tooLarge = UIDSet()
        for chunk in new.chunks(of: Limits.describedAtOnce) {
            var sizes: [UID: Int64] = [:]
            for summary in try await mailbox.describe(chunk, .size) {
                if let size = summary.size, size > limit { sizes[summary.uid] = size }
            }
            guard !sizes.isEmpty else { continue }
            let found = UIDSet(sizes.keys.sorted())
            tooLarge = tooLarge.union(found)
            let summaries = try await mailbox.describe(found, .identity)
            let traits = Dictionary(summaries.map { ($0.uid, MessageTraits($0)) }) { first, _ in first }
            try await note(found, as: .tooLarge, stored) { uid in
                var known = traits[uid] ?? MessageTraits()
                known.serverSize = sizes[uid]
                return (known, "\(sizes[uid] ?? 0) octets, limit \(limit)")
            }
            for uid in found {
                environment.log.record(
                    .messageTooLarge(
                        account.name, folder: folder.path.description, uid: uid, octets: sizes[uid] ?? 0,
                        limit: limit))
            }
        }
        return tooLarge
    }

    /// The oldest message that is wanted: by INTERNALDATE where the server can search by it, else by Date, and then by a
    /// day more, because that is the sender's clock.
    func oldest(_ mailbox: any Mailbox) -> Timestamp? {
        settings.since.map { mailbox.findsByDate ? $0 : $0 - .seconds(86400) }
    }

    /// Those of `new` that are older than `since`. Without a date they are not.
    func noteTooOld(_ mailbox: any Mailbox, _ stored: StoredFolder, _ new: UIDSet) async throws -> UIDSet {
        guard let oldest = oldest(mailbox) else { return UIDSet() }
        var tooOld = UIDSet()
        let uncertain = try await uncertain(new, oldest, mailbox)
        for chunk in uncertain.chunks(of: Limits.describedAtOnce) {
            let summaries = try await mailbox.describe(chunk, mailbox.findsByDate ? .date : .identity)
            let old = summaries.map { ($0.uid, MessageTraits($0)) }.filter { $0.1.date.map { $0 < oldest } ?? false }
            guard !old.isEmpty else { continue }
            let traits = Dictionary(old) { first, _ in first }
            let found = UIDSet(traits.keys.sorted())
            tooOld = tooOld.union(found)
            try await note(found, as: .skipped, stored) { uid in (traits[uid] ?? MessageTraits(), "older than since")
            }
        }
        return tooOld
    }

    /// A search by date is by days of the server's zone (RFC 3501 §6.4.4): only at the edge single messages must be asked.
    private func uncertain(_ new: UIDSet, _ oldest: Timestamp, _ mailbox: any Mailbox) async throws -> UIDSet {
        guard mailbox.findsByDate, new.count > Limits.describedAtOnce else { return new }
        let certain = try await mailbox.look(Look.Question(.all, since: oldest + Limits.searchGranularity)).present
        return new.subtracting(certain)
    }

    private func note(
        _ uids: UIDSet, as state: LedgerState, _ stored: StoredFolder,
        _ facts: (UID) -> (MessageTraits, reason: String)
    ) async throws {
        let rows = uids.map { ($0, facts($0)) }
        let now = environment.clock.now
        try await environment.store.write { transaction in
            for (uid, (traits, reason)) in rows {
                _ = try transaction.ledger.note(
                    stored.id, epoch: stored.epoch, uid: uid, as: state, traits: traits, reason: reason, at: now)
            }
        }
    }
}

extension MessageTraits {
    fileprivate init(_ summary: MessageSummary) {
        guard let headers = summary.headers else {
            self.init(date: summary.internalDate, serverSize: summary.size)
            return
        }
        self.init(
            headers, emailID: summary.emailID, gmailMessageID: summary.gmailMessageID, serverSize: summary.size)
    }
}
