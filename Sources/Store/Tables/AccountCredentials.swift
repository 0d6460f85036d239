import MailModel

/// Which credentials an account uses: all that is known of that when it is not in the configuration any more.
extension AccountsTable {
    public func credentials(of id: AccountID) throws -> Set<CredentialName> {
        let names = try connection.all(
            "SELECT provider, subject FROM account_credentials WHERE account = ?", id, read: Self.credentialName)
        return Set(names)
    }

    /// Those of the account's credentials that no other account uses, be that one in the configuration or not.
    public func ownCredentials(of id: AccountID) throws -> Set<CredentialName> {
        let names = try connection.all(
            """
            SELECT provider, subject FROM account_credentials AS mine WHERE account = ?1 AND NOT EXISTS (
                SELECT 1 FROM account_credentials AS its
                WHERE its.account <> ?1 AND its.provider = mine.provider AND its.subject = mine.subject)
            """, id, read: Self.credentialName)
        return Set(names)
    }

    private static func credentialName(_ row: inout Row) throws -> CredentialName {
        CredentialName(provider: try row.next(), subject: try row.next())
    }
}

extension AccountsTable where Access == Writing {
    /// What the account uses by the configuration in force. Writes nothing when nothing changed.
    public func setCredentials(of id: AccountID, _ names: Set<CredentialName>) throws {
        guard try credentials(of: id) != names else { return }
        try connection.run("DELETE FROM account_credentials WHERE account = ?", id)
        for name in names {
            try connection.run(
                "INSERT INTO account_credentials (account, provider, subject) VALUES (?, ?, ?)", id, name.provider,
                name.subject)
        }
    }
}
