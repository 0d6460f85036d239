import MailModel
import Sessions
import Store

/// What one visit to a folder does, decided from facts: no clock, no socket, no log.
///
/// The ledger is the truth. Below the cursor every UID is accounted for or known to wait, so that an unchanged folder
/// costs no look at all; a UID that the ledger does not know is new mail, wherever it stands.
enum FetchPlan: Hashable {
    /// Nothing can have arrived since the last complete look of this session.
    case unchanged
    /// Ask for UIDs from here on only.
    case lookFrom(UID)
    /// Ask for all UIDs and compare.
    case lookAtAll
    /// The UIDs name other messages now: known mail must be recognised by its identity before anything is fetched.
    case recover(Cause)

    enum Cause: String, Hashable {
        case firstVisit = "first visit"
        case serverChanged = "the account's host changed"
        case uidValidityChanged = "UIDVALIDITY changed"
        case folderReplaced = "the folder was replaced by another one, says MAILBOXID"
        case uidsRestarted = "UIDs restarted below the cursor"
        case anchorsDiffer = "other messages stand under known UIDs"
        case removedAreThere = "UIDs of messages that were removed on request name messages again"
        case noneKnown = "none of the known UIDs is there any more"
        case interrupted = "a recovery was interrupted"
    }

    /// What the ledger says of the folder.
    struct LedgerFacts: Hashable {
        /// `nil` before the first visit.
        var uidValidity: UIDValidity?
        /// The host that gave the UIDs, and MAILBOXID; `nil`: not known.
        var server: String?
        var mailboxID: String?
        /// Every UID up to here is accounted for or waits; `nil`: none.
        var cursor: UID?
        /// As it was at the last look that left nothing open; `nil`: there was none.
        var uidNextSeen: UID?
        var existsSeen: Int?
        /// A recovery that was begun and not finished.
        var isRecovering: Bool
        /// Messages below the cursor are to be asked for again.
        var hasDue = false
        /// Messages below the cursor may have no row: those that waited to be fetched when an earlier process ended, or that
        /// a `since` of then left out.
        var isIncomplete = false
        /// There may be known messages by which to see that UIDs mean the same; not where all were removed on request.
        var hasAnchors = true
    }

    /// How to look, once the folder is open.
    ///
    /// - Parameters:
    ///   - firstOfSession: this connection opens the folder for the first time. Then at least one look is made, so that
    ///     anchors are checked; between two polls of one session only arrivals matter.
    ///   - host: where the account's mailbox is.
    static func decide(
        server: FolderFacts, on host: String? = nil, ledger: LedgerFacts, firstOfSession: Bool
    ) -> FetchPlan {
        guard let known = ledger.uidValidity else { return .recover(.firstVisit) }
        if differ(ledger.server, host) { return .recover(.serverChanged) }
        if known != server.uidValidity { return .recover(.uidValidityChanged) }
        if differ(ledger.mailboxID, server.mailboxID) { return .recover(.folderReplaced) }
        if ledger.isRecovering { return .recover(.interrupted) }
        // UIDNEXT may only grow under one UIDVALIDITY (RFC 3501 §2.3.1.1).
        if let next = server.uidNext, let cursor = ledger.cursor, next <= cursor { return .recover(.uidsRestarted) }
        if ledger.hasDue || ledger.isIncomplete { return .lookAtAll }
        // Without anchors only the UIDs themselves, held against the ledger, tell that they mean other messages.
        if firstOfSession && !ledger.hasAnchors { return .lookAtAll }
        // More messages than before, and none got a new UID: some stand under known ones.
        let hasGrown = ledger.existsSeen.map { server.exists > $0 } ?? false
        if hasGrown && server.uidNext == ledger.uidNextSeen { return .lookAtAll }
        let nothingArrived = server.uidNext != nil && server.uidNext == ledger.uidNextSeen
        let isUnchanged = nothingArrived && server.exists == ledger.existsSeen
        if isUnchanged && !firstOfSession { return .unchanged }
        guard nothingArrived || (!firstOfSession && ledger.uidNextSeen != nil) else { return .lookAtAll }
        guard let cursor = ledger.cursor else { return .lookFrom(.min) }
        return UID(cursor.rawValue &+ 1).map { .lookFrom($0) } ?? .lookAtAll
    }

    /// Whether all UIDs changed without a word, such as a POP3 server's unique-ids: many messages are there, some were
    /// known, and none of those is left. Headers say which are known for less than their bodies cost.
    static func hasLostAll(present: UIDSet, known: UIDSet) -> Bool {
        !known.isEmpty && present.count >= Limits.suspiciousArrivals && present.intersection(known).isEmpty
    }

    /// Whether a known message and what stands under its UID now are the same. A missing one proves nothing, and neither
    /// does a field that one side does not have.
    static func anchorsDiffer(known: [UID: MessageTraits], found: [UID: MessageTraits]) -> Bool {
        known.contains { uid, expected in
            guard let present = found[uid] else { return false }
            let otherID = differ(expected.messageIDHash, present.messageIDHash)
            return otherID || differ(expected.date, present.date)
        }
    }

    private static func differ<Value: Equatable>(_ one: Value?, _ other: Value?) -> Bool {
        guard let one, let other else { return false }
        return one != other
    }

    /// The messages to fetch: present and not in the ledger, whatever their place.
    static func newMail(present: UIDSet, known: UIDSet) -> UIDSet { present.subtracting(known) }
}
