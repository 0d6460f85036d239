import Delivery
import Diagnostics
import MailModel
import Store

/// A present message whose headers are known.
struct Candidate {
    let uid: UID
    let traits: MessageTraits
    private let headers: MessageHeaders

    init?(_ summary: MessageSummary) {
        guard let headers = summary.headers else { return nil }
        uid = summary.uid
        self.headers = headers
        traits = MessageTraits(headers, emailID: summary.emailID, gmailMessageID: summary.gmailMessageID)
    }

    /// What the row of a message is guessed by that alone has its identity; `nil` where more than headers decides, or less
    /// than these suffices.
    var guessedBy: IdentityPrefix? {
        guard traits.serverID == nil, traits.date != nil else { return nil }
        return traits.identity.map { IdentityPrefix($0) }
    }

    /// By the server's own id, then by the identity; a message that has a Message-ID now may have been known without.
    ///
    /// - Returns: the decision, and whether it rests on the identity without Message-ID.
    func decide<Access>(
        in folder: FolderID, _ epoch: Epoch, account: AccountID, former: Set<FolderID>,
        changes: KnownMail.Changes = KnownMail.Changes(), _ transaction: Transaction<Access>
    ) throws -> (KnownMail.Decision, isByFields: Bool) {
        func decide(_ rows: [LedgerRow]) -> KnownMail.Decision {
            KnownMail(rows, in: folder, epoch: epoch, former: former, changes: changes).decide(traits)
        }
        if let serverID = traits.serverID {
            let rows = try transaction.ledger.rows(account, serverID: serverID)
            if case .known(let row) = decide(rows) { return (.known(row), false) }
        }
        if let identity = traits.identity {
            let decision = decide(try transaction.ledger.rows(account, identity: identity))
            if decision != .new { return (decision, false) }
        }
        guard traits.messageIDHash != nil else { return (.new, false) }
        let rows = try transaction.ledger.rows(account, identity: IdentityKey(withoutMessageID: headers))
        return (decide(rows.filter { $0.traits.messageIDHash == nil }), true)
    }

    func found(as known: LedgerRow) -> FoundMessage {
        FoundMessage(
            id: known.id, uid: uid, serverID: traits.serverID,
            rewritten: traits.contradicts(known.traits) ? traits : nil)
    }

    /// It is fetched, and delivered as one that may have been delivered before.
    func noteDoubtful(
        _ uid: UID, _ folder: StoredFolder, _ transaction: WriteTransaction, at now: Timestamp
    ) throws {
        try transaction.obstacles.recordDoubtful(
            folder.id, epoch: folder.epoch, uid: uid,
            reason: "looks like a known message without Message-ID", at: now)
    }
}
