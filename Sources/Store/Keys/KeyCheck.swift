import Diagnostics

/// A known value in the database, sealed with its master key: the wrong key is found at start, not at the first token.
enum KeyCheck {
    private static let name = "key_check"
    private static let expected = Secret("postbote")

    /// The master key of this database, made on the first start.
    static func masterKey(_ file: KeyFile, for connection: Connection) throws -> MasterKey {
        let sealed: [UInt8]? = try connection.first("SELECT value FROM meta WHERE name = ?", name) { try $0.next() }
        guard let sealed else { return try adopt(try firstKey(file), on: connection) }
        guard let key = try file.read() else {
            throw refusal(
                "The master key \(file.path) is missing, and \(connection.path) holds secrets sealed with it. "
                    + "Put the key back from a backup. Without it, move postbote.db away and authorize all accounts again.",
                file)
        }
        guard let opened = try? Sealer(master: key).open(sealed, of: name, field: name), opened == expected else {
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
        let sealed = Sealer(master: key).seal(expected, of: name, field: name)
        try connection.run("INSERT INTO meta (name, value) VALUES (?, ?)", name, sealed)
        return key
    }

    private static func refusal(_ reason: String, _ file: KeyFile) -> Failure {
        Failure(
            .daemon, .whenReconfigured(by: .operatorOfPostbote), operation: "read master key", reason: reason,
            place: ["file": file.path])
    }
}
