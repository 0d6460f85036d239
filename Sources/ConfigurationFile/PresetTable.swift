import MailModel

/// The presets. One table: a fact about a provider is written here and nowhere else.
enum PresetTable {
    static subscript(name: Provider.Preset) -> Preset {
        switch name {
        case .microsoft365: microsoft365
        case .outlook: outlook
        case .gmail: gmail
        case .hve: hve
        case .generic: generic
        }
    }

    private static let entra = Preset.Endpoints(
        // Entra's own template for the tenants `common` and `organizations`; it stays as it is.
        issuer: "https://{authority}/{tenantid}/v2.0",
        authorize: "https://{authority}/{tenant}/oauth2/v2.0/authorize",
        token: "https://{authority}/{tenant}/oauth2/v2.0/token",
        device: "https://{authority}/{tenant}/oauth2/v2.0/devicecode"
    )

    private static let exchange: [MailService: Preset.Service] = [
        .imap: .init(
            host: "outlook.office365.com", port: 993, tls: .implicit,
            scope: "https://outlook.office.com/IMAP.AccessAsUser.All"
        ),
        .pop3: .init(
            host: "outlook.office365.com", port: 995, tls: .implicit,
            scope: "https://outlook.office.com/POP.AccessAsUser.All"
        ),
        .smtp: .init(
            host: "smtp.office365.com", port: 587, tls: .starttls, scope: "https://outlook.office.com/SMTP.Send"
        ),
    ]

    private static let entraIdentity = ["offline_access", "openid", "profile", "email"]

    private static let microsoft365 = Preset(
        endpoints: entra, services: exchange, identityScopes: entraIdentity,
        appScope: "https://outlook.office365.com/.default", hasTenants: true,
        grants: [.authorizationCode, .clientCredentials, .password], filesSent: true,
        rate: .init(messagesPerMinute: 30, recipientsPerDay: 10_000, connections: 3), takesPasswords: false
    )

    /// Personal accounts: the same servers and scopes, other tenants, no app-only access.
    private static let outlook = Preset(
        endpoints: entra, services: exchange, identityScopes: entraIdentity, defaultTenant: "consumers",
        hasTenants: true, grants: [.authorizationCode, .password], filesSent: true,
        rate: .init(recipientsPerDay: 5_000), recipientsPerMessage: 500, takesPasswords: false
    )

    private static let gmail = Preset(
        endpoints: .init(
            issuer: "https://accounts.google.com",
            authorize: "https://accounts.google.com/o/oauth2/v2/auth",
            token: "https://oauth2.googleapis.com/token",
            // Google's device flow gives out no scope for mail.
            device: nil,
            revoke: "https://oauth2.googleapis.com/revoke"
        ),
        services: [
            .imap: .init(host: "imap.gmail.com", port: 993, tls: .implicit, scope: "https://mail.google.com/"),
            .pop3: .init(host: "pop.gmail.com", port: 995, tls: .implicit, scope: "https://mail.google.com/"),
            .smtp: .init(host: "smtp.gmail.com", port: 465, tls: .implicit, scope: "https://mail.google.com/"),
        ],
        identityScopes: ["openid", "email"],
        grants: [.authorizationCode, .serviceAccount, .password], filesSent: true,
        rate: .init(recipientsPerDay: 10_000), recipientsPerMessage: 100, wantsClientSecret: true
    )

    /// Exchange Online's High Volume Email: sending only, to recipients of the own tenant only.
    private static let hve = Preset(
        endpoints: entra,
        services: [
            .smtp: .init(
                host: "smtp.hve.mx.microsoft", port: 587, tls: .starttls,
                scope: "https://outlook.office.com/SMTP.Send"
            )
        ],
        identityScopes: entraIdentity, appScope: "https://outlook.office365.com/.default", hasTenants: true,
        grants: [.authorizationCode, .clientCredentials, .password], filesSent: true, recipientsPerMessage: 50
    )

    private static let generic = Preset(
        services: [
            .imap: .init(port: 993, tls: .implicit),
            .pop3: .init(port: 995, tls: .implicit),
            .smtp: .init(port: 465, tls: .implicit),
        ],
        grants: Set(Provider.Grant.allCases), filesSent: false
    )

    // MARK: Clouds

    /// A national cloud of Microsoft's. Its sign-in host is known; mail hosts and the scopes a person consents to are not
    /// published reliably and must be written out.
    struct Cloud {
        var authority: String
        var appScope: String
    }

    static func cloud(_ cloud: Provider.Cloud) -> Cloud {
        switch cloud {
        case .global:
            Cloud(authority: "login.microsoftonline.com", appScope: "https://outlook.office365.com/.default")
        case .gccHigh:
            Cloud(authority: "login.microsoftonline.us", appScope: "https://outlook.office365.us/.default")
        case .dod:
            Cloud(authority: "login.microsoftonline.us", appScope: "https://outlook-dod.office365.us/.default")
        case .china:
            Cloud(authority: "login.partner.microsoftonline.cn", appScope: "https://partner.outlook.cn/.default")
        }
    }

    /// Tenants that stand for many and cannot be asked for an app's own token (AADSTS9001023).
    static let sharedTenants = ["common", "organizations", "consumers"]

    /// The port on which `service` listens with `tls` (RFC 8314 §3).
    static func port(of service: MailService, tls: Endpoint.TLSMode) -> Int {
        switch (service, tls) {
        case (.imap, .implicit): 993
        case (.imap, _): 143
        case (.pop3, .implicit): 995
        case (.pop3, _): 110
        case (.smtp, .implicit): 465
        case (.smtp, _): 587
        }
    }

    /// How a well-known port begins; `nil` for a port that says nothing.
    static func tls(ofPort port: Int) -> Endpoint.TLSMode? {
        switch port {
        case 993, 995, 465: .implicit
        case 143, 110, 587, 25: .starttls
        default: nil
        }
    }
}
