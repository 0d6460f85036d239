import Diagnostics

/// The claims of an access token for mail, as the test servers agree on them.
public struct AccessToken: Sendable {
    /// Who signed in, in the claim `upn`; `nil` for a token of an app that acts for itself.
    public var user: String?
    public var issuer: String
    public var audience: String
    /// Permissions: `IMAP.AccessAsUser.All` and the like.
    public var scopes: [String]
    public var issued: Timestamp
    public var lifetime: Duration
    public var clientID: String?
    /// Makes tokens of the same second differ.
    public var identifier: String?
    /// Filling, so that the token is as long as a provider's: 1.5 to 2.5 KB with Entra.
    public var filling = 0

    public init(
        user: String?, issuer: String = AccessToken.issuer, audience: String = AccessToken.audience,
        scopes: [String] = AccessToken.scopes, issued: Timestamp = SystemClock().now,
        lifetime: Duration = .seconds(3600)
    ) {
        self.user = user
        self.issuer = issuer
        self.audience = audience
        self.scopes = scopes
        self.issued = issued
        self.lifetime = lifetime
    }

    public static let issuer = "https://sts.test/9f4d7c1e-3b57-4a7c-8d3e-5f4b1c0a9e21/"
    public static let audience = "https://outlook.office.com"
    public static let scopes = ["IMAP.AccessAsUser.All", "POP.AccessAsUser.All", "SMTP.Send"]

    public var expires: Timestamp { issued + lifetime }

    public func signed(by signer: TokenSigner) throws -> String {
        var claims: [String: JSONValue] = [
            "iss": .text(issuer), "aud": .text(audience), "scp": .text(scopes.joined(separator: " ")),
            // Dovecot's names for what Entra calls scp, and the app-only mark.
            "scope": .text(scopes.joined(separator: " ")),
            "idtyp": user == nil ? "app" : "user", "sub": .text(user ?? clientID ?? "app"),
            "iat": .number(issued.seconds), "nbf": .number(issued.seconds), "exp": .number(expires.seconds),
        ]
        if let user { claims["upn"] = .text(user) }
        if let clientID { claims["appid"] = .text(clientID) }
        if filling > 0 { claims["xms_filling"] = .text(String(repeating: "x", count: filling)) }
        if let identifier { claims["uti"] = .text(identifier) }
        return try signer.sign(claims)
    }
}
