import Diagnostics

/// A known value in the database, sealed with its master key: the wrong key is found at start, not at the first token.
enum KeyCheck {
    private static let name = "key_check"
    private static let expected = Secret("postbote")

    /// The master key of this database, made on the first start. A rotation whose commit was made is finished; the key of one
    /// whose commit was not made stays where it is, for the next rotation or for a database that is put back.
    ///
    /// - Returns: the key, and whether it lies where the next one does: as long as it is not systemd's credential.
    static func keys(_ file: KeyFile, for connection: Connection) throws -> (ring: KeyRing, isNext: Bool) {
        let sealed: [UInt8]? = try connection.first("SELECT value FROM meta WHERE name = ?", name) { try $0.next() }
        guard let sealed else { return (KeyRing(try adopt(try firstKey(file), on: connection)), false) }
        let next = Result { try file.readNext() }
        guard let key = (try? next.get()) ?? nil, isKey(key, of: sealed) else {
            do {
                return (KeyRing(try present(file, sealed, connection)), false)
            } catch {
                // Why the other one cannot be read may be all that is wrong.
                if case .failure(let unread) = next { throw unread }
                throw error
            }
        }
        let former = try file.read()
        if file.origin == .credential, former?.id == key.id {
            file.removeNext()
            return (KeyRing(key), false)
        }
        // It opens what was sealed during the rotation.
        let unreadable = try finish(KeyRing(key, other: former), on: connection)
        try file.adoptNext(keeping: unreadable == 0 ? nil : former)
        return (KeyRing(key), file.origin == .credential)
    }

    /// Seals what the other key sealed.
    ///
    /// - Returns: how many values neither key opens.
    private static func finish(_ ring: KeyRing, on connection: Connection) throws -> Int {
        try connection.run("BEGIN IMMEDIATE")
        do {
            let credentials = CredentialsTable<Writing>(connection: connection, sealer: Sealer(ring))
            let unreadable = try credentials.sealAnew(with: ring.current)
            try connection.run("COMMIT")
            return unreadable
        } catch {
            try? connection.execute("ROLLBACK;")
            throw error
        }
    }

    private static func present(
        _ file: KeyFile, _ sealed: [UInt8], _ connection: Connection
    ) throws -> MasterKey {
        guard let key = try file.read() else {
            throw refusal(
                "The master key \(file.path) is missing, and \(connection.path) holds secrets sealed with it. "
                    + "Put the key back from a backup. Without it, move postbote.db away and authorize all accounts again.",
                file)
        }
        guard isKey(key, of: sealed) else {
            throw refusal(
                "The master key \(file.path) is not the one that \(connection.path) was sealed with. Put the right key back.",
                file)
        }
        return key
    }

    private static func firstKey(_ file: KeyFile) throws -> MasterKey {
        if let key = try file.read() { return key }
        return try file.create()
    }

    private static func adopt(_ key: MasterKey, on connection: Connection) throws -> MasterKey {
        try write(key, on: connection)
        return key
    }

    private static func isKey(_ key: MasterKey, of sealed: [UInt8]) -> Bool {
        (try? Sealer(master: key).open(sealed, of: name, field: name)) == expected
    }

    /// The database is sealed with `key` from this commit on.
    static func write(_ key: MasterKey, on connection: Connection) throws {
        let sealed = Sealer(master: key).seal(expected, of: name, field: name)
        try connection.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, sealed)
    }

    private static func refusal(_ reason: String, _ file: KeyFile) -> Failure {
        Failure(
            .daemon, .whenReconfigured(by: .operatorOfPostbote), operation: "read master key", reason: reason,
            place: ["file": file.path])
    }
}
