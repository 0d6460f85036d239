import MailModel

/// What an audit asks of the ledger.
extension LedgerTable {
    /// Every UID of the epoch that is in a state other than delivered, by state.
    public func undelivered(_ folder: FolderID, epoch: Epoch) throws -> [LedgerState: UIDSet] {
        var found: [LedgerState: UIDSet] = [:]
        try connection.statement(
            """
            SELECT uid, state FROM ledger INDEXED BY ledger_open
            WHERE folder = ? AND state <> 'delivered' AND epoch = ? ORDER BY uid
            """
        ).forEach(folder, epoch) { row in
            let uid = try row.next(UID.self)
            found[try row.next(LedgerState.self), default: UIDSet()].insert(uid)
        }
        return found
    }

    /// Those of `found` under whose UID the ledger knows another message. The server's own id decides where both have
    /// one; what one side does not have proves nothing.
    public func others(
        _ folder: FolderID, epoch: Epoch, among found: [(uid: UID, traits: MessageTraits)]
    ) throws -> [UID] {
        try found.compactMap { message in
            guard let row = try find(folder, epoch: epoch, uid: message.uid) else { return nil }
            if let known = row.traits.serverID, known == message.traits.serverID { return nil }
            return row.traits.contradicts(message.traits) ? message.uid : nil
        }
    }
}
