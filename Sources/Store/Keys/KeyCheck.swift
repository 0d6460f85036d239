import Diagnostics

/// A known value in the database, sealed with its master key: the wrong key is found at start, not at the first token.
enum KeyCheck {
    private static let name = "key_check"
    private static let expected = Secret("postbote")

    /// The master key of this database, made on the first start. A rotation that was interrupted is finished.
    static func keys(_ file: KeyFile, for connection: Connection) throws -> KeyRing {
        let sealed: [UInt8]? = try connection.first("SELECT value FROM meta WHERE name = ?", name) { try $0.next() }
        guard let sealed else { return KeyRing(try adopt(try firstKey(file), on: connection)) }
        // Written whole or not at all; what is no key is not one that anything was sealed with.
        let next = try? file.readNext()
        guard let next else { return KeyRing(try present(file, sealed, connection)) }
        guard isKey(next, of: sealed) else {
            // Its commit was not made.
            let key = try present(file, sealed, connection)
            try finish(KeyRing(key, other: next), on: connection)
            file.removeNext()
            return KeyRing(key)
        }
        // The old one may open what was sealed during the rotation; without it the rotation was over.
        let former = (try? file.read()) ?? nil
        try finish(KeyRing(next, other: former), on: connection)
        if former?.id == next.id { file.removeNext() } else { try file.adoptNext() }
        return KeyRing(next)
    }

    /// Seals what the other key sealed.
    private static func finish(_ ring: KeyRing, on connection: Connection) throws {
        try connection.run("BEGIN IMMEDIATE")
        do {
            _ = try CredentialsTable<Writing>(connection: connection, sealer: Sealer(ring)).sealAnew(
                with: ring.current)
            try connection.run("COMMIT")
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
