import Diagnostics

extension DovecotServer {
    /// A token that this server accepts for `user`'s mailbox.
    public func accessToken(for user: String, lifetime: Duration = .seconds(3600)) throws -> String {
        try accessToken(AccessToken(user: user, lifetime: lifetime))
    }

    /// A token with this server's signature, whatever it says.
    public func accessToken(_ token: AccessToken) throws -> String { try token.signed(by: options.signer) }

    /// The password of `user` for PLAIN and LOGIN.
    public func password(of user: String) -> String? { options.users.first { $0.name == user }?.password }
}
