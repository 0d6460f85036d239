import MailModel

/// Whether what proves the client fits the grant and the provider.
struct ClientCheck {
    let kind: Provider.Preset
    let preset: Preset
    let grant: Provider.Grant

    private static let proofs = [
        "client_secret", "client_secret_expires", "client_secrets", "certificate", "private_key", "certificates",
    ]

    func run(on section: inout Section, _ provider: Provider) {
        switch grant {
        case .authorizationCode: checkPerson(&section, provider)
        case .clientCredentials: checkApp(&section, provider)
        case .serviceAccount: checkServiceAccount(&section)
        case .password: checkPassword(&section)
        }
        if grant != .serviceAccount { section.refuse("key", "it is for `grant: service_account`") }
    }

    private func checkPerson(_ section: inout Section, _ provider: Provider) {
        section.missing("client_id", "the id of your app registration")
        guard provider.authentication == .none, preset.wantsClientSecret, !Self.proofs.contains(where: section.has)
        else {
            return
        }
        section.findings.warn(
            .doubtful, at: section.position,
            "Google gives desktop clients a secret, too, and its token endpoint wants it"
        )
    }

    private func checkApp(_ section: inout Section, _ provider: Provider) {
        section.missing("client_id", "the id of your app registration")
        guard provider.authentication == .none, !Self.proofs.contains(where: section.has) else { return }
        section.findings.error(
            at: section.position,
            "`grant: client_credentials` needs `client_secret`, or `certificate` and `private_key`: "
                + "a public client cannot sign in as itself"
        )
    }

    private func checkServiceAccount(_ section: inout Section) {
        section.missing("key", "the JSON key file of the service account, {file: PATH}")
        for key in Self.proofs { section.refuse(key, "the service account signs with its `key`") }
    }

    private func checkPassword(_ section: inout Section) {
        for key in ["client_id"] + Self.proofs { section.refuse(key, OAuthKeys.notWithPassword) }
        guard !preset.takesPasswords, let entry = section.entry("grant") else { return }
        section.findings.warn(
            .doubtful, at: entry.keyPosition,
            "\(kind.rawValue) takes no passwords for IMAP and POP3 any more, and soon "
                + "none for SMTP"
        )
    }
}

extension Section {
    /// How the client proves itself; `none` also when what is written is wrong, which is reported.
    mutating func clientAuthentication() -> Provider.ClientAuthentication {
        let secrets = clientSecrets()
        let certificates = clientCertificates()
        let certified = has("certificate") ? "certificate" : "certificates"
        if has(certified), let entry = entry(has("client_secret") ? "client_secret" : "client_secrets") {
            findings.error(at: entry.keyPosition, "`\(entry.key)` and `\(certified)` exclude each other")
        }
        if !certificates.isEmpty { return .certificates(certificates) }
        return secrets.isEmpty ? .none : .secrets(secrets)
    }

    private mutating func clientCertificates() -> [Provider.CertificatePair] {
        let single = certificatePair(isNeeded: has("certificate") || has("private_key"))
        let several = list("certificates", mayBeEmpty: false) { section, value in
            Section.decode(
                value, named: "an entry of `certificates`", path: section.path + ".certificates", at: value.position,
                section.findings
            ) { $0.certificatePair(isNeeded: true) }
        }
        if let several, several.count > 2, let entry = entry("certificates") {
            findings.error(at: entry.keyPosition, "`certificates` has room for two, the old one and the new one")
        }
        if has("certificate"), has("certificates"), let entry = entry("certificate") {
            findings.error(at: entry.keyPosition, "`certificate` and `certificates` exclude each other")
        }
        return several ?? single.map { [$0] } ?? []
    }

    private mutating func certificatePair(isNeeded: Bool) -> Provider.CertificatePair? {
        let certificate = keyFile("certificate")
        let privateKey = keyFile("private_key")
        guard isNeeded else { return nil }
        missing("private_key", "the private key of `certificate`, {file: PATH}")
        missing("certificate", "the certificate of `private_key`, {file: PATH}")
        guard let certificate, let privateKey else { return nil }
        return Provider.CertificatePair(certificate: certificate, privateKey: privateKey)
    }

    private mutating func clientSecrets() -> [Provider.ClientSecret] {
        let single = secret("client_secret")
        let expires = value("client_secret_expires", .expiry)
        let several = list("client_secrets", mayBeEmpty: false) { section, value in section.clientSecret(value) }
        if !has("client_secret"), let entry = entry("client_secret_expires"), !entry.value.isNull {
            findings.error(at: entry.keyPosition, "`client_secret_expires` is for `client_secret`, which is missing")
        }
        if let several, several.count > 2, let entry = entry("client_secrets") {
            findings.error(at: entry.keyPosition, "`client_secrets` has room for two, the old one and the new one")
        }
        guard has("client_secret") else { return several ?? [] }
        if has("client_secrets"), let entry = entry("client_secret") {
            findings.error(at: entry.keyPosition, "`client_secret` and `client_secrets` exclude each other")
        }
        if !has("client_secret_expires"), let entry = entry("client_secret") {
            warnAboutMissingDate(at: entry.keyPosition, "client_secret_expires")
        }
        return single.map { [Provider.ClientSecret(value: $0, expires: expires?.moment)] } ?? []
    }

    private func clientSecret(_ value: Value) -> Provider.ClientSecret? {
        let path = path + ".client_secrets"
        return Section.decode(
            value, named: "an entry of `client_secrets`", path: path, at: value.position, findings
        ) { section in
            let source = section.secret("value")
            let expires = section.value("expires", .expiry)
            section.missing("value", "the secret")
            if !section.has("expires") { section.warnAboutMissingDate(at: value.position, "expires") }
            return source.map { Provider.ClientSecret(value: $0, expires: expires?.moment) }
        }
    }

    private func warnAboutMissingDate(at position: Position, _ key: String) {
        findings.warn(
            .doubtful, at: position,
            "nobody can be told before this secret expires: write `\(key)`, the date, or never"
        )
    }
}
