import Diagnostics

/// An app registration.
public struct RegisteredClient: Sendable {
    public struct Secret: Sendable, Equatable {
        public var value: String
        public var expires: Timestamp?

        public init(_ value: String, expires: Timestamp? = nil) {
            self.value = value
            self.expires = expires
        }
    }

    public var identifier: String
    /// Empty, and no certificate: a public client.
    public var secrets: [Secret]
    /// In PEM; proves the client instead of a secret.
    public var certificate: String?
    /// Where a browser may be sent with a code. On loopback the port does not count (RFC 8252 §7.3).
    public var redirectURIs: [String]
    /// What an administrator consented to for the app itself, such as `IMAP.AccessAsApp`.
    public var applicationPermissions: [String]

    public init(
        _ identifier: String, secrets: [Secret] = [], certificate: String? = nil,
        redirectURIs: [String] = ["http://localhost"],
        applicationPermissions: [String] = []
    ) {
        self.identifier = identifier
        self.secrets = secrets
        self.certificate = certificate
        self.redirectURIs = redirectURIs
        self.applicationPermissions = applicationPermissions
    }

    /// Needs no secret and must not send one.
    public static let publicClient = RegisteredClient("5b1e1333-a5c4-4f08-bde5-9953cfc8b13e")
    /// Has a secret full of characters that must be encoded in a form.
    public static let confidentialClient = RegisteredClient(
        "0d9a4e6b-7f7d-4c5e-8a55-0c3f1e2d7b90", secrets: [Secret("s3~Q+cr.e%t/&=ä")],
        applicationPermissions: ["IMAP.AccessAsApp", "POP.AccessAsApp", "SMTP.SendAsApp"])

    public var isPublic: Bool { secrets.isEmpty && certificate == nil }

    /// Checks what the client presented (RFC 6749 §2.3).
    func check(secret: String?, now: Timestamp) throws(EntraError) {
        guard !isPublic else {
            if secret != nil { throw .secretFromPublicClient }
            return
        }
        guard let secret else { throw .secretMissing }
        guard let match = secrets.first(where: { $0.value == secret }) else { throw .secretWrong }
        if let expires = match.expires, expires <= now { throw .secretExpired }
    }

    func allows(redirectURI: String) -> Bool {
        redirectURIs.contains { Self.withoutLoopbackPort($0) == Self.withoutLoopbackPort(redirectURI) }
    }

    private static func withoutLoopbackPort(_ address: String) -> String {
        guard let match = address.firstMatch(of: /^(http:\/\/(?:localhost|127\.0\.0\.1))(?::\d+)?\/?(.*)$/) else {
            return address
        }
        return "\(match.1)/\(match.2)"
    }
}
