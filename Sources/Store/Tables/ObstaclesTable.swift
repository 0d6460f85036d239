import Diagnostics
import MailModel

/// A message that cannot be read or handed over.
public struct Obstacle: Hashable, Sendable {
    public let message: LedgerID
    public let folder: FolderID
    public let epoch: Epoch
    public let uid: UID
    /// `deferred`: tried again; `quarantined`: an operator decides.
    public let state: LedgerState
    public let attempts: Int
    /// `nil`: not by itself.
    public let nextAttempt: Timestamp?
    public let reason: String
    /// Raw bytes below `quarantine/`, where there are any.
    public let file: String?
}

/// What stands in the way of single messages. A row goes away when its message is staged or noted otherwise.
public struct ObstaclesTable<Access> {
    let connection: Connection

    public func find(_ message: LedgerID) throws -> Obstacle? {
        try connection.first(
            "\(Self.select) JOIN obstacles ON message = ledger.id WHERE ledger.id = ?", message, read: Self.obstacle)
    }

    /// Deferred messages of the folder whose time has come, oldest UID first.
    public func due(
        _ folder: FolderID, epoch: Epoch, at now: Timestamp, limit: Int = .max
    ) throws -> [Obstacle] {
        try connection.all(
            """
            \(Self.select) \(Self.open) WHERE folder = ? AND state = 'deferred' AND state <> 'delivered' AND epoch = ?
                AND next_attempt <= ?
            ORDER BY uid LIMIT ?
            """, folder, epoch, now, min(limit, Limits.page), read: Self.obstacle)
    }

    /// The UIDs of all deferred messages of the folder whose time has come.
    public func dueUIDs(_ folder: FolderID, epoch: Epoch, at now: Timestamp) throws -> UIDSet {
        var uids = UIDSet()
        try connection.statement(
            """
            SELECT uid FROM ledger \(Self.open) WHERE folder = ? AND state = 'deferred' AND state <> 'delivered'
                AND epoch = ? AND next_attempt <= ?
            ORDER BY uid
            """
        ).forEach(folder, epoch, now) { uids.insert(try $0.next(UID.self)) }
        return uids
    }

    /// How many attempts at the message failed so far.
    public func attempts(_ folder: FolderID, epoch: Epoch, uid: UID) throws -> Int {
        let row = try LedgerTable<Access>(connection: connection).find(folder, epoch: epoch, uid: uid)
        return try row.flatMap { try find($0.id) }?.attempts ?? 0
    }

    /// All obstacles of an account, in the order they appeared.
    public func all(
        _ account: AccountID, after message: LedgerID? = nil, limit: Int = .max
    ) throws -> [Obstacle] {
        try connection.all(
            """
            \(Self.select) \(Self.open) WHERE folder IN (SELECT id FROM folders WHERE account = ?)
                AND state <> 'delivered' AND ledger.id > ?
            ORDER BY ledger.id LIMIT ?
            """, account, message ?? LedgerID(0), min(limit, Limits.page), read: Self.obstacle)
    }

    /// Messages that stepped aside, of one account or all, in the order they did, from `after` on.
    public func quarantined(
        _ account: AccountID? = nil, after message: LedgerID? = nil, limit: Int = .max
    ) throws -> [Obstacle] {
        try connection.all(
            """
            \(Self.columns) FROM obstacles CROSS JOIN ledger ON ledger.id = message
                CROSS JOIN folders ON folders.id = folder
            WHERE message > ?1 AND state = 'quarantined' AND (?2 IS NULL OR account = ?2)
            ORDER BY message LIMIT ?3
            """, message ?? LedgerID(0), account, min(limit, Limits.page), read: Self.obstacle)
    }

    private static var select: String { "\(columns) FROM ledger" }

    private static var columns: String {
        "SELECT message, folder, ledger.epoch, uid, state, attempts, next_attempt, obstacles.reason, file"
    }

    /// The few rows that are not delivered, and with them their obstacles.
    private static var open: String { "INDEXED BY ledger_open JOIN obstacles ON message = ledger.id" }

    private static func obstacle(_ row: inout Row) throws -> Obstacle {
        Obstacle(
            message: try row.next(), folder: try row.next(), epoch: try row.next(), uid: try row.next(),
            state: try row.next(), attempts: try row.next(), nextAttempt: try row.next(), reason: try row.next(),
            file: try row.next())
    }
}

extension ObstaclesTable where Access == Writing {
    /// One more attempt failed: the message is deferred until `nextAttempt`, or, without one, quarantined.
    ///
    /// - Returns: how many attempts failed so far.
    @discardableResult
    public func record(
        _ folder: FolderID, epoch: Epoch, uid: UID, nextAttempt: Timestamp?, reason: String, file: String? = nil,
        traits: MessageTraits = MessageTraits(), at now: Timestamp
    ) throws -> Int {
        let ledger = LedgerTable<Writing>(connection: connection)
        let before = try ledger.find(folder, epoch: epoch, uid: uid).flatMap { try find($0.id) }
        let state = nextAttempt == nil ? LedgerState.quarantined : .deferred
        let id = try ledger.note(folder, epoch: epoch, uid: uid, as: state, traits: traits, reason: reason, at: now)
        let attempts = (before?.attempts ?? 0) + 1
        try connection.run(
            "INSERT INTO obstacles (message, attempts, next_attempt, reason, file) VALUES (?, ?, ?, ?, ?)", id,
            attempts,
            nextAttempt, reason.clipped(toOctets: Limits.wordsOctets), file ?? before?.file)
        if state == .quarantined, before?.state != .quarantined,
            let account: AccountID = try connection.first(
                "SELECT account FROM folders WHERE id = ?", folder, read: { try $0.next() })
        {
            try PutAsideTable<Writing>(connection: connection).add(.quarantined, id.rawValue, of: account, at: now)
        }
        return attempts
    }

    /// A message to be asked for at once that may have been delivered before: it counts as doubtful when it is delivered.
    public func recordDoubtful(
        _ folder: FolderID, epoch: Epoch, uid: UID, reason: String, at now: Timestamp
    ) throws {
        let id = try LedgerTable<Writing>(connection: connection).note(
            folder, epoch: epoch, uid: uid, as: .deferred, isDoubtful: true, reason: reason, at: now)
        try connection.run(
            "INSERT INTO obstacles (message, attempts, next_attempt, reason) VALUES (?, 0, ?, ?)", id, now, reason)
    }

    /// A quarantined message is asked for again, at once. Its attempts begin anew.
    ///
    /// - Returns: `false` when it is not in quarantine.
    public func retry(_ message: LedgerID, at now: Timestamp) throws -> Bool {
        guard try find(message)?.state == .quarantined else { return false }
        try connection.run("UPDATE ledger SET state = 'deferred', noted = ? WHERE id = ?", now, message)
        try connection.run("UPDATE obstacles SET attempts = 0, next_attempt = ? WHERE message = ?", now, message)
        return true
    }

    /// A quarantined message is given up, as if the server had removed it.
    ///
    /// - Returns: what was known of it; `nil` when it is not in quarantine.
    public func drop(_ message: LedgerID, reason: String, at now: Timestamp) throws -> Obstacle? {
        guard let obstacle = try find(message), obstacle.state == .quarantined else { return nil }
        try connection.run(
            "UPDATE ledger SET state = 'gone', reason = ?, noted = ? WHERE id = ?", reason, now, message)
        try connection.run("DELETE FROM obstacles WHERE message = ?", message)
        return obstacle
    }
}
