import Diagnostics

/// What signs in at a mail server.
public enum SignInCredential: Hashable, Sendable {
    /// For XOAUTH2 or OAUTHBEARER, never for PLAIN or LOGIN.
    case token(AccessToken)
    /// For PLAIN or LOGIN: the grant is `password`.
    case password(Secret)

    public func hash(into hasher: inout Hasher) {
        if case .token(let token) = self { hasher.combine(token) }
    }

    /// What proves who signs in.
    public var secret: Secret {
        switch self {
        case .token(let token): token.secret
        case .password(let password): password
        }
    }
}
