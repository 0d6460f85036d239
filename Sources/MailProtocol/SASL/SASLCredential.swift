import Diagnostics

/// What somebody signs in with.
public struct SASLCredential: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// An OAuth 2.0 access token (RFC 6750).
        case bearer
        case password
    }

    public var kind: Kind
    /// Who signs in: the mailbox, for a token that opens shared mailboxes too.
    public var user: String
    public var secret: Secret

    public init(kind: Kind, user: String, secret: Secret) {
        self.kind = kind
        self.user = user
        self.secret = secret
    }

    public static func bearer(user: String, token: Secret) -> SASLCredential {
        SASLCredential(kind: .bearer, user: user, secret: token)
    }

    public static func password(user: String, password: Secret) -> SASLCredential {
        SASLCredential(kind: .password, user: user, secret: password)
    }
}
