import Diagnostics

// Everything sealed, sealed with another master key.
extension CredentialsTable where Access == Writing {
    /// Seals with `key` whatever is not sealed with it.
    ///
    /// - Returns: how many values no known key opens. They stay as they are.
    func sealAnew(with key: MasterKey) throws -> Int {
        try sealRefreshTokensAnew(with: key) + sealAccessTokensAnew(with: key)
    }

    private func sealRefreshTokensAnew(with key: MasterKey) throws -> Int {
        let page = try connection.statement(
            """
            SELECT id, refresh_token FROM credentials WHERE id > ? AND refresh_token IS NOT NULL
            ORDER BY id LIMIT \(Limits.page)
            """)
        let store = try connection.statement("UPDATE credentials SET refresh_token = ? WHERE id = ?")
        var (last, unreadable) = ("", 0)
        while true {
            let found = try page.all(last) { row in
                (id: try row.next(String.self), sealed: try row.next([UInt8].self))
            }
            guard let end = found.last else { return unreadable }
            for (id, sealed) in found where !Sealer.isSealed(sealed, with: key) {
                guard let anew = sealAnew(sealed, of: id, field: Self.refreshField, with: key) else {
                    unreadable += 1
                    continue
                }
                try store.run(anew, id)
            }
            last = end.id
        }
    }

    private func sealAccessTokensAnew(with key: MasterKey) throws -> Int {
        let page = try connection.statement(
            """
            SELECT credential, audience, token FROM access_tokens WHERE (credential, audience) > (?, ?)
            ORDER BY credential, audience LIMIT \(Limits.page)
            """)
        let store = try connection.statement(
            "UPDATE access_tokens SET token = ? WHERE credential = ? AND audience = ?")
        var (last, unreadable) = (("", ""), 0)
        while true {
            let found = try page.all(last.0, last.1) { row in
                (
                    id: try row.next(String.self), audience: try row.next(String.self),
                    sealed: try row.next([UInt8].self)
                )
            }
            guard let end = found.last else { return unreadable }
            for (id, audience, sealed) in found where !Sealer.isSealed(sealed, with: key) {
                guard let anew = sealAnew(sealed, of: id, field: Self.accessField(audience), with: key) else {
                    unreadable += 1
                    continue
                }
                try store.run(anew, id, audience)
            }
            last = (end.id, end.audience)
        }
    }

    private func sealAnew(_ sealed: [UInt8], of owner: String, field: String, with key: MasterKey) -> [UInt8]? {
        guard let secret = try? sealer.open(sealed, of: owner, field: field) else { return nil }
        return sealer.seal(secret, of: owner, field: field, with: key)
    }
}
