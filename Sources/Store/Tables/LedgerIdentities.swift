import MailModel

/// What a recovery learns of all the messages of a folder, so that it need not ask for each of them.
extension LedgerTable {
    /// How many rows the folder has, in any epoch. Counted in an index.
    public func count(_ folder: FolderID) throws -> Int {
        try connection.value("SELECT count(*) FROM ledger INDEXED BY ledger_uid WHERE folder = ?", folder)
    }

    /// The folder's messages by epoch and UID, as many as one short read may look through; none: that was all.
    public func identities(_ folder: FolderID, after last: KnownIdentity? = nil) throws -> [KnownIdentity] {
        try connection.all(
            LedgerSelection.identities, folder, last?.epoch ?? Epoch(rawValue: .min), last?.place ?? 0
        ) { row in
            KnownIdentity(
                id: try row.next(), epoch: try row.next(),
                prefix: row.withBytes { $0.flatMap { IdentityPrefix($0) } }, isRemoved: try row.next(),
                place: try row.next())
        }
    }
}

extension LedgerTable where Access == Writing {
    /// Gives those of the known messages the UIDs of this epoch that the present ones are indeed: of the same identity, not
    /// another copy, still without a UID of this epoch, and not told by their content only.
    ///
    /// - Returns: the UIDs of the others, and of those of which something was noted: nothing was changed about them.
    public func place(_ folder: FolderID, in epoch: Epoch, _ guesses: [GuessedMessage]) throws -> [UID] {
        try FoldersTable(connection: connection).checkEpoch(folder, epoch)
        let place = try connection.statement(LedgerSelection.place)
        var others: [UID] = []
        for guess in guesses {
            let traits = guess.traits
            try place.run(
                folder, epoch, guess.uid, guess.id, Epoch.imported, traits.identity, traits.date?.seconds,
                traits.listIDHash, traits.deliveredToHash)
            if connection.changes == 0 { others.append(guess.uid) }
        }
        try add(guesses.count - others.count, .recognised, in: folder)
        return others
    }
}
