import Diagnostics

/// The names under which submission servers take whoever signed in, as they were found by trying: one for an account.
public struct LoginsTable<Access> {
    let connection: Connection

    public func find(_ account: AccountID) throws -> FoundLogin? {
        try connection.first("SELECT asked, login, found FROM logins WHERE account = ?", account) { row in
            FoundLogin(asked: try row.next(), login: try row.next(), found: try row.next())
        }
    }
}

extension LoginsTable where Access == Writing {
    /// Nothing is known any more.
    public func forget(_ account: AccountID) throws {
        try connection.run("DELETE FROM logins WHERE account = ?", account)
    }

    /// Takes the place of what was found before.
    public func store(_ login: FoundLogin, of account: AccountID) throws {
        try connection.run(
            """
            INSERT INTO logins (account, asked, login, found) VALUES (?, ?, ?, ?)
            ON CONFLICT (account) DO UPDATE SET asked = excluded.asked, login = excluded.login, found = excluded.found
            """, account, login.asked, login.login, login.found)
    }
}
