import Diagnostics

/// One app registration at a mail provider, and the servers behind it, after the preset and the overrides were put together.
public struct Provider: Hashable, Sendable {
    public enum Preset: String, Sendable, CaseIterable {
        case microsoft365, outlook, gmail, hve, generic
    }

    public enum Cloud: String, Sendable, CaseIterable {
        case global
        case gccHigh = "gcc_high"
        case dod
        case china
    }

    public enum Grant: String, Sendable, CaseIterable {
        /// A person consents, in a browser or with a device code; afterwards the refresh token works (RFC 6749 §4.1, RFC 8628).
        case authorizationCode = "authorization_code"
        /// The app itself may open mailboxes (RFC 6749 §4.4).
        case clientCredentials = "client_credentials"
        /// Google's domain-wide delegation (RFC 7523).
        case serviceAccount = "service_account"
        /// No OAuth: the account's `password`.
        case password
    }

    /// How the app proves that it is itself at the token endpoint.
    public enum ClientAuthentication: Hashable, Sendable {
        /// A public client: it has no secret and must not send one.
        case none
        /// Two while one is being renewed; the second is tried when the first is refused.
        case secrets([ClientSecret])
        /// Two while one is being renewed, as with secrets.
        case certificates([CertificatePair])
    }

    public struct ClientSecret: Hashable, Sendable {
        public var value: SecretSource
        public var expires: Timestamp?

        public init(value: SecretSource, expires: Timestamp? = nil) {
            self.value = value
            self.expires = expires
        }
    }

    /// A certificate that is uploaded to the app registration, and its key.
    public struct CertificatePair: Hashable, Sendable {
        public var certificate: SecretSource
        public var privateKey: SecretSource

        public init(certificate: SecretSource, privateKey: SecretSource) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    public var name: ProviderName
    public var preset: Preset
    public var cloud: Cloud
    public var tenant: String?
    public var clientID: String?
    public var authentication: ClientAuthentication
    public var grant: Grant
    public var serviceAccountKey: SecretSource?
    /// Who publishes the endpoints that are not written here, of `generic`.
    public var issuer: String?
    public var authorizeURL: String?
    public var tokenURL: String?
    public var deviceURL: String?
    public var redirectURI: String?
    /// Where a consent is taken back (RFC 7009).
    public var revokeURL: String?
    /// Every scope an account of this provider may need, those of the mail servers first. With `client_credentials` the one
    /// `.default` scope. Ask for `scopes(for:)`, so that nobody consents to more than their accounts use.
    public var scopes: [String]
    /// Which of `scopes` only one service needs; empty when the configuration wrote the scopes out.
    public var serviceScopes: [MailService: [String]]
    public var imap: Endpoint?
    public var pop3: Endpoint?
    public var smtp: Endpoint?
    public var trust: TrustSettings
    /// Whether the provider puts sent mail into Sent by itself.
    public var filesSent: Bool
    /// The name given with EHLO; `nil`: the machine's.
    public var heloName: String?

    public init(name: ProviderName, preset: Preset) {
        self.name = name
        self.preset = preset
        cloud = .global
        authentication = .none
        grant = .authorizationCode
        scopes = []
        serviceScopes = [:]
        trust = TrustSettings()
        filesSent = false
    }

    /// The scopes of a token that is used with `services`.
    public func scopes(for services: Set<MailService>) -> [String] {
        let foreign = serviceScopes.filter { !services.contains($0.key) }.flatMap(\.value)
        let own = serviceScopes.filter { services.contains($0.key) }.flatMap(\.value)
        return scopes.filter { own.contains($0) || !foreign.contains($0) }
    }

    /// Where `service` is reached, if this provider has it.
    public func endpoint(of service: MailService) -> Endpoint? {
        switch service {
        case .imap: imap
        case .pop3: pop3
        case .smtp: smtp
        }
    }
}
