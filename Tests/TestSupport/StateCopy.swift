import CSQLite

/// A copy of a state's database, for looking without changing anything in the state: what a crash left stays as it is.
public final class StateCopy {
    private let directory: TemporaryDirectory
    private let handle: OpaquePointer?

    public init(of state: String) throws {
        directory = try TemporaryDirectory(prefix: "state-copy")
        for name in ["postbote.db", "postbote.db-wal"] where Directory.names(in: state).contains(name) {
            try Directory.write(try Directory.bytes(of: state + "/" + name), to: directory(name))
        }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(directory("postbote.db"), &opened, SQLITE_OPEN_READWRITE, nil)
        handle = opened
        guard code == SQLITE_OK else { throw Tampering(description: "cannot open a copy of \(state)") }
    }

    deinit { sqlite3_close_v2(handle) }

    /// What tells this state's staged files from those of others.
    public func mark() throws -> String {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        let query = "SELECT lower(hex(value)) FROM meta WHERE name = 'state_mark'"
        guard sqlite3_prepare_v2(handle, query, -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0)
        else { throw Tampering(description: "the state has no mark") }
        return String(cString: text)
    }
}
