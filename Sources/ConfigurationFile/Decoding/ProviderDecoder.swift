import Diagnostics
import MailModel

/// Reads one entry of `providers`: the preset first, then what is written over it.
struct ProviderDecoder {
    private var section: Section
    private let name: ProviderName
    private let kind: Provider.Preset
    private let preset: Preset
    private let cloud: Provider.Cloud
    private let grant: Provider.Grant

    static func decode(_ entry: Value.Entry, path: String, _ findings: Findings) -> (ProviderName, ProviderEntry)? {
        let name = ProviderName(entry.key)
        if name == nil { findings.badName(entry, of: "a provider") }
        return Section.decode(entry, path: path, findings) { section in
            section.missing("preset", "write microsoft365, outlook, gmail, hve or generic")
            let kind = section.meant("preset", Wanted<Provider.Preset>.anyCase)
            let grant = section.meant("grant", Wanted<Provider.Grant>.anyCase)
            guard let kind, grant != nil || !section.has("grant") else {
                section.ignoreRest()
                return nil
            }
            var decoder = ProviderDecoder(
                section, name: name ?? ProviderName("unnamed")!, kind: kind, grant: grant ?? .authorizationCode
            )
            let provider = decoder.provider()
            section = decoder.section
            guard let name else { return nil }
            return (
                name, ProviderEntry(provider: provider, preset: decoder.preset, position: entry.keyPosition)
            )
        }
    }

    private init(_ section: Section, name: ProviderName, kind: Provider.Preset, grant: Provider.Grant) {
        self.section = section
        self.name = name
        self.kind = kind
        self.grant = grant
        preset = PresetTable[kind]
        // Where there are no clouds the key is refused.
        let hasClouds = preset.appScope != nil
        cloud = hasClouds ? self.section.value("cloud", Wanted<Provider.Cloud>.anyCase) ?? .global : .global
        if !hasClouds { self.section.refuse("cloud", "only microsoft365 has national clouds") }
    }

    private mutating func provider() -> Provider {
        var provider = Provider(name: name, preset: kind)
        provider.cloud = cloud
        provider.grant = grant
        if !preset.grants.contains(grant), let entry = section.entry("grant") {
            let possible = Wanted.oneOf(Provider.Grant.allCases.filter(preset.grants.contains)).words
            section.findings.error(
                at: entry.value.position, "\(kind.rawValue) has no `grant: \(grant.rawValue)`: write \(possible)"
            )
        }
        readEndpoints(into: &provider)
        readScopes(into: &provider)
        readClient(into: &provider)
        for service in MailService.allCases { provider.setEndpoint(endpoint(service), of: service) }
        readTrust(into: &provider)
        provider.filesSent = section.value("files_sent", .flag) ?? preset.filesSent
        provider.heloName = section.value("helo_name", .host)?.text
        return provider
    }

    // MARK: OAuth endpoints

    private mutating func readEndpoints(into provider: inout Provider) {
        provider.tenant = tenant()
        let urls = OAuthKeys.urls.map { section.value($0, .url) }
        guard grant != .password else {
            for key in OAuthKeys.urls { section.refuse(key, OAuthKeys.notWithPassword) }
            return
        }
        let given = preset.endpoints
        provider.issuer = urls[0] ?? given.map { filled($0.issuer, provider.tenant) }
        provider.authorizeURL = urls[1] ?? given.map { filled($0.authorize, provider.tenant) }
        // A service account's key file names its own.
        let token = grant == .serviceAccount ? nil : given.map { filled($0.token, provider.tenant) }
        provider.tokenURL = urls[2] ?? token
        provider.deviceURL = urls[3] ?? given?.device.map { filled($0, provider.tenant) }
        provider.redirectURI = urls[4]
        provider.revokeURL = urls[5] ?? given?.revoke
        if provider.tokenURL == nil, grant != .serviceAccount, !section.has("issuer") {
            section.missing(
                "token_url",
                "where are access tokens fetched? (or `issuer`, which publishes it; without OAuth: `grant: password`)"
            )
        }
    }

    private mutating func tenant() -> String? {
        guard preset.hasTenants else {
            section.refuse("tenant", "only Microsoft's presets have tenants")
            return nil
        }
        let tenant = section.value("tenant", .tenant)
        if grant != .password, preset.defaultTenant == nil {
            section.missing("tenant", "write the tenant's domain or id, such as contoso.onmicrosoft.com")
        }
        if grant == .clientCredentials, let tenant, PresetTable.sharedTenants.contains(tenant.lowercased()),
            let entry = section.entry("tenant")
        {
            section.findings.error(
                at: entry.value.position,
                "`grant: client_credentials` needs one tenant, its domain or id, not `\(tenant)`"
            )
        }
        return tenant ?? preset.defaultTenant
    }

    private func filled(_ template: String, _ tenant: String?) -> String {
        template.replacing("{authority}", with: PresetTable.cloud(cloud).authority)
            .replacing("{tenant}", with: tenant ?? "organizations")
    }

    private mutating func readScopes(into provider: inout Provider) {
        let written = section.list("scopes", of: .word("a scope, which has no spaces"), mayBeEmpty: false)
        switch grant {
        case .password: section.refuse("scopes", OAuthKeys.notWithPassword)
        case .clientCredentials where preset.hasTenants:
            provider.scopes = written ?? [PresetTable.cloud(cloud).appScope]
            checkAppScopes(provider.scopes)
        default:
            if cloud != .global, preset.hasTenants {
                section.missing("scopes", "Microsoft does not publish those of the cloud \(cloud.rawValue)")
            }
            provider.serviceScopes = written == nil ? preset.services.compactMapValues { $0.scope.map { [$0] } } : [:]
            // Nobody is asked who it is, and domain-wide delegation covers the mail scope alone.
            provider.scopes = written ?? (grant == .serviceAccount ? preset.serviceScopes : preset.allScopes)
            checkConsentScopes(provider.scopes)
        }
    }

    private func checkAppScopes(_ scopes: [String]) {
        guard let entry = section.entry("scopes"), scopes.count != 1 || !scopes[0].hasSuffix("/.default") else {
            return
        }
        section.complain(entry.value, "with `grant: client_credentials` `scopes` must be one that ends in /.default")
    }

    private func checkConsentScopes(_ scopes: [String]) {
        guard preset.hasTenants, grant == .authorizationCode, let entry = section.entry("scopes"),
            !scopes.contains("offline_access"), !scopes.contains(where: { $0.hasSuffix("/.default") })
        else { return }
        section.findings.warn(
            .doubtful, at: entry.keyPosition, "without the scope offline_access there is no refresh token"
        )
    }

    // MARK: The client

    private mutating func readClient(into provider: inout Provider) {
        provider.clientID = section.value("client_id", .word("the client's id, which has no spaces"))
        provider.authentication = section.clientAuthentication()
        provider.serviceAccountKey = section.keyFile("key")
        let check = ClientCheck(kind: kind, preset: preset, grant: grant)
        check.run(on: &section, provider)
    }

    private mutating func readTrust(into provider: inout Provider) {
        provider.trust = TrustSettings(
            caFile: section.value("ca_file", .absolutePath),
            verifyCertificate: section.value("verify_certificate", .flag) ?? true,
            certificateName: section.value("certificate_name", .host)?.text
        )
        if !provider.trust.verifyCertificate, let entry = section.entry("verify_certificate") {
            section.findings.warn(
                .unsafe, at: entry.keyPosition,
                "certificates are not verified: anybody on the way can read passwords, "
                    + "tokens and mail; `ca_file` adds a certificate that you trust"
            )
        }
        if let name = provider.trust.certificateName, let entry = section.entry("certificate_name") {
            section.findings.warn(
                .unsafe, at: entry.keyPosition, "every server of this provider may show a certificate for `\(name)`"
            )
        }
    }

    // MARK: Mail servers

    private mutating func endpoint(_ service: MailService) -> Endpoint? {
        guard let given = preset.services[service] else {
            section.refuse(service.rawValue, "\(kind.rawValue) only sends")
            return nil
        }
        // National clouds have other mail hosts, which nobody publishes reliably.
        let host = cloud == .global ? given.host : nil
        let isWritten = section.has(service.rawValue)
        let written = section.section(service.rawValue) { $0.endpoint(service, host: host, given) }
        if isWritten { return written }
        guard let host else { return nil }
        return Endpoint(host: host, port: given.port, tls: given.tls)
    }
}

/// The keys of a provider that only OAuth needs.
enum OAuthKeys {
    static let urls = ["issuer", "authorize_url", "token_url", "device_url", "redirect_uri", "revoke_url"]
    static let notWithPassword = "with `grant: password` there is no OAuth"
}

extension Preset {
    /// Every scope a person may be asked for, each once, those of the services first.
    var allScopes: [String] { serviceScopes + identityScopes }

    /// Those of the mail servers, each once.
    var serviceScopes: [String] {
        var seen: Set<String> = []
        return MailService.allCases.compactMap { services[$0]?.scope }.filter { seen.insert($0).inserted }
    }
}

extension Provider {
    mutating func setEndpoint(_ endpoint: Endpoint?, of service: MailService) {
        switch service {
        case .imap: imap = endpoint
        case .pop3: pop3 = endpoint
        case .smtp: smtp = endpoint
        }
    }
}

extension Section {
    /// `{host, port, tls}`: what is not written comes from the preset, or from what the rest implies.
    fileprivate mutating func endpoint(_ service: MailService, host: String?, _ given: Preset.Service?) -> Endpoint? {
        let writtenHost = value("host", .host)
        let writtenPort = value("port", .integer(1...65535))
        let writtenTLS = value("tls", Wanted<Endpoint.TLSMode>.anyCase)
        if host == nil { missing("host", "which server?") }
        guard let host = writtenHost?.text ?? host else { return nil }
        let tls = writtenTLS ?? writtenPort.flatMap(PresetTable.tls) ?? given?.tls ?? .implicit
        let impliedPort = tls == given?.tls ? given?.port : nil
        let port = writtenPort ?? impliedPort ?? PresetTable.port(of: service, tls: tls)
        if tls == .none, Host(host)?.isLoopback != true, let entry = entry("tls") {
            findings.error(
                at: entry.value.position,
                "`tls: none` is only for servers on this machine: write starttls or implicit"
            )
        }
        return Endpoint(host: host, port: port, tls: tls)
    }
}

extension Wanted where Result == String {
    /// A domain, an id, or one of the names for many tenants: it becomes part of a URL.
    fileprivate static var tenant: Wanted {
        Wanted(words: "a tenant's domain or id, organizations, common or consumers") { scalar in
            Host(scalar.text).map { !$0.isAddress } == true ? scalar.text : nil
        }
    }
}

extension Findings {
    /// Reports a name that cannot become part of paths and URLs.
    func badName(_ entry: Value.Entry, of what: String) {
        let lowered = entry.key.lowercased().replacing(" ", with: "-")
        error(
            at: entry.keyPosition,
            "`\(Quoted(entry.key))` cannot name \(what): letters a-z, digits, and . _ - after the first, at most 64",
            suggestion: AccountName(lowered)?.text
        )
    }
}
