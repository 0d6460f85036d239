/// Tells the files of this state from those of another one where they lie side by side: two daemons may deliver into the
/// same Maildir, and neither may take the other's staged files for what a crash of its own left.
enum StateMark {
    private static let name = "state_mark"

    /// The mark of this database, made on the first start: 8 lower-case hexadecimal digits.
    static func mark(of connection: Connection) throws -> String {
        let known: [UInt8]? = try connection.first("SELECT value FROM meta WHERE name = ?", name) { try $0.next() }
        if let known { return known.hexadecimal }
        let mark = withUnsafeBytes(of: UInt32.random(in: .min ... .max)) { [UInt8]($0) }
        try connection.run("INSERT INTO meta (name, value) VALUES (?, ?)", name, mark)
        return mark.hexadecimal
    }
}
