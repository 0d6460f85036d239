import Diagnostics
import MailModel

/// What changes the ledger.
extension LedgerTable where Access == Writing {
    /// Writes a batch down, with what each destination is owed, before anything is handed over.
    ///
    /// A crash from here on finds the staged files by these rows; files without a row are swept. A UID that had a row
    /// only because it was too large, skipped or deferred is taken over; one that is staged or delivered already is
    /// refused, and with it the batch.
    ///
    /// - Returns: the messages' numbers, in the order of `messages`.
    @discardableResult
    public func stage(
        _ folder: FolderID, epoch: Epoch, _ messages: [StagedMessage], at now: Timestamp
    ) throws -> [LedgerID] {
        try FoldersTable(connection: connection).checkEpoch(folder, epoch)
        var sets = DestinationSets(connection: connection)
        let insert = try connection.statement(Self.insert)
        let owe = try connection.statement(
            "INSERT INTO deliveries (message, destination, staged_name) VALUES (?, ?, ?)")
        return try messages.map { message in
            precondition(!message.destinations.isEmpty, "a message without destination is noted, not staged")
            let set = try sets.id(of: message.destinations.map(\.name))
            let traits = message.traits
            try insert.run(
                folder, epoch, message.uid, LedgerState.staged, message.deliveryKey, traits.identity,
                message.contentHash, traits.date?.seconds, traits.messageIDHash, traits.listIDHash,
                traits.deliveredToHash, traits.serverID, traits.serverSize, message.contentSize, set,
                message.isDoubtful, String?.none, now)
            let isNew = connection.changes == 1
            let id = isNew ? LedgerID(connection.lastInsertedRow) : try takeOver(folder, epoch, message, set, now)
            for destination in message.destinations {
                try owe.run(id, destination.name, destination.stagedName)
            }
            return id
        }
    }

    /// The destination holds these messages durably. A message that no destination is owed any more is delivered.
    ///
    /// - Returns: how many became delivered in every destination by this.
    @discardableResult
    public func deliver(
        _ ids: some Sequence<LedgerID>, to destination: DestinationName, at now: Timestamp
    ) throws -> Int {
        let settle = try connection.statement(
            "DELETE FROM deliveries WHERE message BETWEEN ? AND ? AND destination = ?")
        let close = try connection.statement(
            """
            UPDATE ledger NOT INDEXED SET state = 'delivered', delivered = ?3
            WHERE id BETWEEN ?1 AND ?2 AND state = 'staged'
                AND NOT EXISTS (SELECT 1 FROM deliveries WHERE message = ledger.id)
            RETURNING folder, doubtful
            """)
        var tally: [FolderID: (delivered: Int, doubtful: Int)] = [:]
        for range in ranges(of: ids) {
            try settle.run(range.lowerBound, range.upperBound, destination)
            try close.forEach(range.lowerBound, range.upperBound, now) { row in
                let folder = try row.next(FolderID.self)
                let isDoubtful = try row.next(Bool.self)
                tally[folder, default: (0, 0)].delivered += 1
                if isDoubtful { tally[folder, default: (0, 0)].doubtful += 1 }
            }
        }
        for (folder, count) in tally {
            try connection.run(
                "UPDATE folders SET delivered = delivered + ?, doubtful = doubtful + ? WHERE id = ?",
                count.delivered, count.doubtful, folder)
        }
        try ServerActionsTable(connection: connection).delivered(ids, at: now)
        return tally.values.reduce(0) { $0 + $1.delivered }
    }

    /// The rows of one batch were numbered one after the other: they are changed together.
    private func ranges(of ids: some Sequence<LedgerID>) -> [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        for id in ids {
            if let last = ranges.last, last.upperBound + 1 == id.rawValue {
                ranges[ranges.count - 1] = last.lowerBound...id.rawValue
            } else {
                ranges.append(id.rawValue...id.rawValue)
            }
        }
        return ranges
    }

    /// Writes down a UID that is not delivered, and why: too large, skipped, a duplicate, gone. Replaces what was
    /// written down before, but never a message that is staged or delivered.
    @discardableResult
    public func note(
        _ folder: FolderID, epoch: Epoch, uid: UID, as state: LedgerState, traits: MessageTraits = MessageTraits(),
        deliveryKey: DeliveryKey? = nil, isDoubtful: Bool = false, reason: String? = nil, at now: Timestamp
    ) throws -> LedgerID {
        precondition(
            state != .staged && state != .delivered, "messages are staged and delivered by their own methods")
        try FoldersTable(connection: connection).checkEpoch(folder, epoch)
        let words = reason?.clipped(toOctets: Limits.wordsOctets)
        try connection.run(
            Self.insert, folder, epoch, uid, state, deliveryKey, traits.identity, ContentHash?.none,
            traits.date?.seconds, traits.messageIDHash, traits.listIDHash, traits.deliveredToHash, traits.serverID,
            traits.serverSize, Int64?.none, Int64?.none, isDoubtful, words, now)
        if connection.changes == 1 { return LedgerID(connection.lastInsertedRow) }
        let id = try replaceable(folder, epoch, uid)
        try connection.run(
            "UPDATE ledger SET state = ?, delivery_key = coalesce(?, delivery_key), reason = ?, noted = ? WHERE id = ?",
            state, deliveryKey, words, now, id)
        try connection.run("DELETE FROM obstacles WHERE message = ?", id)
        return id
    }

    /// Known messages were found under other UIDs, in this epoch: they keep number, delivery key and state.
    ///
    /// One call is one chunk: after a crash between chunks recovery goes on with what is still unclaimed.
    public func remap(
        _ folder: FolderID, to epoch: Epoch, _ found: [FoundMessage], as finding: FoundMessage.Finding = .recognised
    ) throws {
        try FoldersTable(connection: connection).checkEpoch(folder, epoch)
        // What was only noted of the UID, such as that it was not given at first, is superseded. Mostly there is nothing.
        let hasNotes: Bool = try connection.value(
            """
            SELECT EXISTS (
                SELECT 1 FROM ledger INDEXED BY ledger_open
                WHERE folder = ? AND state NOT IN ('staged', 'delivered') AND state <> 'delivered' AND epoch = ?)
            """, folder, epoch)
        let clear = try connection.statement(
            """
            DELETE FROM ledger WHERE folder = ? AND epoch = ? AND uid = ? AND id <> ?
                AND state NOT IN ('staged', 'delivered')
            """)
        // Within the folder, as nearly always: without a look whether the folder is there.
        let renumber = try connection.statement(
            """
            UPDATE ledger SET epoch = ?2, uid = ?3, removed = NULL
            WHERE id = ?4 AND folder = ?1 AND NOT (epoch = ?2 AND uid = ?3)
            """)
        let move = try connection.statement(
            """
            UPDATE ledger SET folder = ?1, epoch = ?2, uid = ?3, server_id = coalesce(?5, server_id),
                removed = NULL, moved_to = NULL, moved_validity = NULL, moved_uid = NULL
            WHERE id = ?4 AND NOT (folder = ?1 AND epoch = ?2 AND uid = ?3)
            """)
        let rewrite = try connection.statement(
            """
            UPDATE ledger SET identity = ?, message_date = ?, message_id_hash = ?, list_id_hash = ?,
                delivered_to_hash = ?
            WHERE id = ?
            """)
        var count = 0
        for message in found {
            if hasNotes { try clear.run(folder, epoch, message.uid, message.id) }
            var isPlaced = false
            if message.serverID == nil {
                try renumber.run(folder, epoch, message.uid, message.id)
                isPlaced = connection.changes > 0
            }
            if !isPlaced {
                try move.run(folder, epoch, message.uid, message.id, message.serverID)
                isPlaced = connection.changes > 0
            }
            if isPlaced { count += 1 }
            guard let traits = message.rewritten else { continue }
            try rewrite.run(
                traits.identity, traits.date?.seconds, traits.messageIDHash, traits.listIDHash,
                traits.deliveredToHash, message.id)
        }
        try add(count, finding, in: folder)
    }

    /// Known messages that headers cannot tell apart from others that are there: only their content says which they are.
    public func unplace(_ folder: FolderID, _ ids: [LedgerID]) throws {
        // The row's own number stands for the UID that it has not.
        let unplace = try connection.statement("UPDATE ledger SET epoch = ?, uid = id WHERE id = ? AND folder = ?")
        for id in ids { try unplace.run(Epoch.indistinct, id, folder) }
        try add(-ids.count, .recognised, in: folder)
    }

    /// Of known messages nothing tells whether they are others that are delivered for that reason: these count in their
    /// place from now on. Both would be one too many, and at the next move a new message would be taken for known.
    public func supersede(_ ids: some Sequence<LedgerID>) throws {
        let supersede = try connection.statement("UPDATE ledger SET epoch = ?, uid = id WHERE id = ?")
        let forget = try connection.statement("DELETE FROM server_actions WHERE message = ?")
        for id in ids {
            try supersede.run(Epoch.superseded, id)
            try forget.run(id)
        }
    }

    /// A message that another folder's delivery stands for: written down with that one's delivery key.
    @discardableResult
    public func noteDuplicate(
        _ folder: FolderID, epoch: Epoch, uid: UID, of key: DeliveryKey?, traits: MessageTraits, at now: Timestamp
    ) throws -> LedgerID {
        try connection.run("UPDATE folders SET duplicates = duplicates + 1 WHERE id = ?", folder)
        return try note(folder, epoch: epoch, uid: uid, as: .duplicate, traits: traits, deliveryKey: key, at: now)
    }

    func add(_ count: Int, _ finding: FoundMessage.Finding, in folder: FolderID) throws {
        guard count != 0 else { return }
        switch finding {
        case .recognised:
            try connection.run("UPDATE folders SET recognised = recognised + ? WHERE id = ?", count, folder)
        case .revised: try connection.run("UPDATE folders SET revised = revised + ? WHERE id = ?", count, folder)
        }
    }

    /// Forgets staged messages that no destination took, so that they are fetched again under a new key: their folders are
    /// looked at as a whole, because they may stand below the cursor. One that had been delivered before is delivered still.
    public func unstage(_ ids: some Sequence<LedgerID>) throws {
        try restore(ids)
        let look = try connection.statement(
            """
            UPDATE folders SET uid_next_seen = NULL, exists_seen = NULL
            WHERE id = (SELECT folder FROM ledger WHERE id = ? AND state = 'staged')
            """)
        let delete = try connection.statement("DELETE FROM ledger WHERE id = ? AND state = 'staged'")
        for id in ids {
            try look.run(id)
            try delete.run(id)
        }
    }

    // MARK: Rows that are there already

    private static var insert: String {
        """
        INSERT INTO ledger (folder, epoch, uid, state, delivery_key, identity, content_hash, message_date,
            message_id_hash, list_id_hash, delivered_to_hash, server_id, server_size, content_size, destinations,
            doubtful, reason, noted)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (folder, epoch, uid) DO NOTHING
        """
    }

    private func takeOver(
        _ folder: FolderID, _ epoch: Epoch, _ message: StagedMessage, _ set: Int64, _ now: Timestamp
    ) throws -> LedgerID {
        let id = try replaceable(folder, epoch, message.uid)
        let traits = message.traits
        try connection.run(
            """
            UPDATE ledger SET state = 'staged', delivery_key = ?, identity = ?, content_hash = ?, message_date = ?,
                message_id_hash = ?, list_id_hash = ?, delivered_to_hash = ?, server_id = ?, server_size = ?,
                content_size = ?, destinations = ?, doubtful = max(doubtful, ?), reason = NULL, noted = ?
            WHERE id = ?
            """, message.deliveryKey, traits.identity, message.contentHash, traits.date?.seconds,
            traits.messageIDHash, traits.listIDHash, traits.deliveredToHash, traits.serverID, traits.serverSize,
            message.contentSize, set, message.isDoubtful, now, id)
        try connection.run("DELETE FROM obstacles WHERE message = ?", id)
        return id
    }

    func replaceable(_ folder: FolderID, _ epoch: Epoch, _ uid: UID) throws -> LedgerID {
        guard let row = try find(folder, epoch: epoch, uid: uid) else {
            preconditionFailure("an insert that changed nothing met a row")
        }
        guard row.state != .staged && row.state != .delivered else {
            throw Failure(
                .message, .never, operation: "state",
                reason: "UID \(uid) is \(row.state.rawValue) already; nothing was changed.", place: ["uid": "\(uid)"])
        }
        return row.id
    }
}

/// The few sets of destinations that messages go to, each named once in the database.
struct DestinationSets {
    let connection: Connection
    private var known: [String: Int64] = [:]

    init(connection: Connection) { self.connection = connection }

    mutating func id(of names: [DestinationName]) throws -> Int64 {
        let text = names.count == 1 ? names[0].text : names.map(\.text).sorted().joined(separator: ",")
        if let id = known[text] { return id }
        try connection.run("INSERT INTO destination_sets (names) VALUES (?) ON CONFLICT DO NOTHING", text)
        let id: Int64 = try connection.value("SELECT id FROM destination_sets WHERE names = ?", text)
        known[text] = id
        return id
    }
}
