import MailModel
import Store

/// What the server lists in a folder, held against what the ledger knows of it. Decided from facts: no store, no server.
///
/// Only UIDs up to the cursor, as it was before the server was asked, can be unaccounted for: those above are mail that
/// the next visit fetches, or that a visit is fetching at this moment.
struct FolderAudit: Hashable {
    struct LedgerFacts: Hashable {
        // As it was before the server was asked: whatever a visit wrote down meanwhile, the server's answer does not
        // contradict it.

        /// Every UID up to here ought to have a row; `nil`: none.
        var cursor: UID?
        /// Deferred or quarantined.
        var open = UIDSet()
        /// Removed from the server on request.
        var removed = UIDSet()
        /// Messages that are fetched behind new mail.
        var waiting = UIDSet()

        // As it was after the server was asked: what a visit has fetched meanwhile is known.

        /// All UIDs of the epoch that have a row.
        var known: UIDSet
        /// Those that are not delivered, by state.
        var undelivered: [LedgerState: UIDSet] = [:]
    }

    private(set) var numbers = AuditNumbers()
    private(set) var differences: [AuditReason: UIDSet] = [:]
    /// Listed, and not fetched for a reason that their rows say.
    private(set) var notFetched = UIDSet()
    /// Listed and in the ledger: whether they are the same messages only their headers tell.
    let comparable: UIDSet

    /// - Parameters:
    ///   - present: the UIDs that the server listed.
    ///   - exists: how many messages it says the folder has.
    ///   - hidesOlder: it was asked for those after `since` only.
    init(present: UIDSet, exists: Int, hidesOlder: Bool, ledger: LedgerFacts) {
        comparable = present.intersection(ledger.known)
        let waiting = present.subtracting(ledger.known).intersection(ledger.waiting)
        let unknown = present.subtracting(ledger.known).subtracting(waiting)
        let missed = ledger.cursor.map { unknown.clamped(to: .min...$0) } ?? UIDSet()
        numbers.listed = present.count
        numbers.waiting = waiting.count
        numbers.arriving = unknown.count - missed.count
        numbers.beforeSince = hidesOlder ? max(0, exists - present.count) : 0
        var delivered = comparable
        for (state, uids) in ledger.undelivered {
            let listed = uids.intersection(comparable)
            delivered = delivered.subtracting(listed)
            if !listed.isEmpty { numbers.states[state] = listed.count }
            if state.isNotFetched { notFetched = notFetched.union(listed) }
        }
        numbers.states[.delivered] = delivered.count
        numbers.notListed = ledger.known.subtracting(present).count
        add(.missed, missed)
        add(.removedListed, ledger.removed.intersection(present))
        // A search by date does not list what is older: nothing follows from that.
        guard !hidesOlder else { return }
        add(.openNotListed, ledger.open.subtracting(present))
    }

    /// Other messages stand under these UIDs.
    mutating func add(others: UIDSet) {
        add(.otherMessage, others.subtracting(differences[.removedListed] ?? UIDSet()))
    }

    /// The UIDs of which nobody could say what became of their messages.
    var unaccounted: UIDSet {
        differences.filter(\.key.isUnaccounted).values.reduce(UIDSet()) { $0.union($1) }
    }

    /// Their rows are of other messages: only a recovery tells which messages these are.
    var needsRecovery: Bool { differences[.otherMessage] != nil || differences[.removedListed] != nil }

    private mutating func add(_ reason: AuditReason, _ uids: UIDSet) {
        guard !uids.isEmpty else { return }
        differences[reason] = (differences[reason] ?? UIDSet()).union(uids)
    }
}

extension LedgerState {
    /// Whether the row says why the message was not fetched.
    var isNotFetched: Bool {
        switch self {
        case .tooLarge, .skipped, .deferred, .quarantined, .gone: true
        case .staged, .delivered, .duplicate: false
        }
    }
}

/// How many messages of a folder an audit found in which state.
public struct AuditNumbers: Hashable, Sendable {
    /// On the server, as far as it was asked.
    public var listed = 0
    /// Of them, those with a row, by its state.
    public var states: [LedgerState: Int] = [:]
    /// Listed, without a row, and waiting to be fetched behind new mail.
    public var waiting = 0
    /// Listed, without a row, and above the cursor: the next visit fetches them.
    public var arriving = 0
    /// On the server, and older than `since`.
    public var beforeSince = 0
    /// Known and not listed: removed from the server, or older than `since`.
    public var notListed = 0
}

/// What a difference between server and ledger is.
public enum AuditReason: String, Sendable, CaseIterable {
    /// The server lists it below the cursor, and the ledger has no row. It is fetched.
    case missed
    /// Its row is of another message. The folder is recovered.
    case otherMessage = "other_message"
    /// Its row is of a message that was removed on request. The folder is recovered.
    case removedListed = "removed_listed"
    /// Deferred or quarantined, and not on the server any more. Its row says why it was not fetched.
    case openNotListed = "open_not_listed"

    /// Whether nobody could say what became of the message.
    public var isUnaccounted: Bool { self != .openNotListed }

    /// In words, for the operator.
    public var words: String {
        switch self {
        case .missed: "listed below the cursor and not in the ledger"
        case .otherMessage: "another message than the one in the ledger"
        case .removedListed: "listed although its message was removed on request"
        case .openNotListed: "not fetched, and not on the server any more"
        }
    }
}
