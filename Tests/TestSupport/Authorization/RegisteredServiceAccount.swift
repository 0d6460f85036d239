/// A service account of a Google Cloud project, and what a Workspace's administrator lets it do (domain-wide delegation).
public struct RegisteredServiceAccount: Sendable {
    public var email: String
    public var keyID: String
    /// Of the key, in PEM; Google publishes it so.
    public var certificate: String
    /// Its number, under which it is allowed.
    public var clientID = "104329871234567890123"
    /// Which scopes it may ask for; empty: none was allowed.
    public var delegatedScopes: Set<String> = ["https://mail.google.com/"]
    /// The domain of the Workspace, and who is in it.
    public var domain: String
    public var users: Set<String>

    public init(
        _ email: String = "postbote@contoso-mail.iam.gserviceaccount.com", keyID: String = "3f1c9d0e7a5b4c2d8e6f",
        certificate: String, domain: String, users: Set<String>
    ) {
        self.email = email
        self.keyID = keyID
        self.certificate = certificate
        self.domain = domain
        self.users = users
    }

    /// The key file, as the Google Cloud console hands it out.
    ///
    /// - Parameters:
    ///   - key: the private key in PEM.
    ///   - tokenURI: where tokens are fetched.
    ///   - change: of its members.
    public func file(
        key: String, tokenURI: String, _ change: (inout [String: JSONValue]) -> Void = { _ in }
    ) -> String {
        var members: [String: JSONValue] = [
            "type": "service_account", "project_id": "contoso-mail", "private_key_id": .text(keyID),
            "private_key": .text(key), "client_email": .text(email), "client_id": .text(clientID),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": .text(tokenURI),
            "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
            "universe_domain": "googleapis.com",
        ]
        change(&members)
        return String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
    }
}
