import MailModel

/// What is known about a mail provider, so that nobody has to write it out. Every part can be overridden.
struct Preset {
    /// A service, where it is reached, and the scope that a person consents to for it.
    struct Service {
        var host: String?
        var port: Int
        var tls: Endpoint.TLSMode
        var scope: String?
    }

    /// The OAuth endpoints; `{authority}` is the cloud's host, `{tenant}` the configured tenant.
    struct Endpoints {
        var issuer: String
        var authorize: String
        var token: String
        /// `nil` where the device flow does not give out scopes for mail.
        var device: String?
        /// `nil` where there is none (Entra).
        var revoke: String?
    }

    var endpoints: Endpoints?
    var services: [MailService: Service]
    /// Asked for besides the services' own when a person consents: a refresh token, and who it was.
    var identityScopes: [String] = []
    /// The one scope of an app that signs in as itself.
    var appScope: String?
    /// The tenant if none is written; `nil`: one must be.
    var defaultTenant: String?
    var hasTenants = false
    var grants: Set<Provider.Grant>
    /// Whether sent mail appears in Sent by itself, or there is no mailbox for it to appear in.
    var filesSent: Bool
    var rate = SendSettings.Rate()
    var recipientsPerMessage: Int?
    /// Whether the provider still takes passwords somewhere; where not, `grant: password` is warned about.
    var takesPasswords = true
    /// Whether a person's client needs a secret although it is installed on a machine.
    var wantsClientSecret = false
}
