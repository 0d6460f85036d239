import Diagnostics
import MailModel

/// What is delivered once more, under the key it has.
extension LedgerTable where Access == Writing {
    /// Writes down that a delivered message, or its copy in another folder, lies in staging again, with what each destination is owed; its redelivery is
    /// no order any more from the same commit on. Until `deliver` it is staged like one that is delivered for the first time.
    ///
    /// - Returns: `false`, with nothing changed, when it is not wanted or not delivered any more: its files are nobody's.
    public func stageAgain(_ id: LedgerID, _ message: StagedMessage, at now: Timestamp) throws -> Bool {
        guard let row = try find(id), row.state == .delivered || row.state == .duplicate,
            row.deliveryKey == message.deliveryKey
        else { return false }
        try connection.run("DELETE FROM redeliveries WHERE message = ?", id)
        guard connection.changes == 1 else { return false }
        var sets = DestinationSets(connection: connection)
        let before = try LedgerTable<Writing>(connection: connection).destinations(of: id)
        let set = try sets.id(of: before + message.destinations.map(\.name).filter { !before.contains($0) })
        // The bytes may be others than before: Exchange renders a message anew. `delivered` stays, and tells from now on
        // that it had been delivered before.
        try connection.run(
            """
            UPDATE ledger SET state = 'staged', content_hash = ?, content_size = ?, destinations = ?, noted = ?
            WHERE id = ?
            """, message.contentHash, message.contentSize, set, now, id)
        let owe = try connection.statement(
            "INSERT INTO deliveries (message, destination, staged_name) VALUES (?, ?, ?)")
        for destination in message.destinations { try owe.run(id, destination.name, destination.stagedName) }
        return true
    }

    /// Of staged messages those that had been delivered before are delivered, and owed to nobody.
    func restore(_ ids: some Sequence<LedgerID>) throws {
        let restore = try connection.statement(
            "UPDATE ledger SET state = 'delivered' WHERE id = ? AND state = 'staged' AND delivered IS NOT NULL")
        for id in ids {
            try restore.run(id)
            guard connection.changes == 1 else { continue }
            try connection.run("DELETE FROM deliveries WHERE message = ?", id)
        }
    }
}
