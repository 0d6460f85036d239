import Diagnostics

/// How the authorization server for tests behaves.
public struct AuthorizationOptions: Sendable {
    public enum Dialect: Sendable {
        case entra
        case google
    }

    /// What happens to the refresh token of a refresh.
    public enum Rotation: Sendable {
        /// A new one with each refresh; the old one stays valid, as with Entra.
        case keepsOld
        /// A new one with each refresh; using an old one revokes the whole family (RFC 9700 §2.2.2).
        case strict
        /// The same one goes on, as with Google.
        case never
    }

    /// How the lifetime of an access token is told.
    public enum ExpiresIn: Sendable {
        case number
        case text
        case absent
    }

    public var dialect = Dialect.entra
    public var rotation = Rotation.keepsOld
    public var expiresIn = ExpiresIn.number
    public var clients: [RegisteredClient] = [.publicClient, .confidentialClient]
    public var serviceAccounts: [RegisteredServiceAccount] = []
    /// Dovecot must check with the same.
    public var signer = TokenSigner()
    public var issuer = AccessToken.issuer
    /// The tenant's id, and its other names in addresses.
    public var tenant = "9f4d7c1e-3b57-4a7c-8d3e-5f4b1c0a9e21"
    public var tenantNames = ["contoso.onmicrosoft.com", "common", "organizations"]
    public var accessTokenLifetime: Duration = .seconds(3600)
    /// A refresh token not used for so long is over.
    public var refreshTokenInactivity: Duration = .seconds(90 * 86400)
    public var deviceCodeLifetime: Duration = .seconds(900)
    public var deviceInterval: Duration = .seconds(5)
    /// Answers polls that come faster than the interval with `slow_down`.
    public var enforcesInterval = false
    /// How client assertions may be signed.
    public var assertionAlgorithms: Set<String> = ["PS256", "RS256"]
    /// Puts this nonce into ID tokens: they are another sign-in's.
    public var foreignNonce: String?
    /// The claim `email` of whoever signs in: at Entra any administrator writes what they like there.
    public var claimedEmail: String?
    /// Makes access tokens about as long as Entra's.
    public var accessTokenFilling = 1000
    /// Dovecot needs the machine's.
    public var clock: any WallClock = SystemClock()

    public init() {}
}
