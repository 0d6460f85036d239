import MailModel

extension Section {
    /// It brings no TLS of its own: a reverse proxy in front of it does.
    mutating func console() -> ConsoleSettings? {
        section("console") { section in
            let listen = section.value("listen", .listener)
            let publicURL = section.value("public_url", .origin)
            let proxies = section.list("trusted_proxies", of: .network)
            section.missing("listen", "an address such as 127.0.0.1:8025")
            if listen?.isLoopback == false, let entry = section.entry("listen") {
                section.findings.error(
                    at: entry.value.position,
                    "the console listens on this machine only, such as at 127.0.0.1:8025: a reverse proxy in front of it "
                        + "brings TLS (docs/self-service.md)")
            }
            return listen.map {
                var console = ConsoleSettings(listen: $0.text)
                console.publicURL = publicURL
                console.trustedProxies = proxies ?? []
                return console
            }
        }
    }

    mutating func api() -> APISettings? {
        section("api") { section in
            let listen = section.value("listen", .listener)
            let tls = section.listenerTLS()
            let tokens = section.map("tokens") { [findings = section.findings] entry, path in
                Section.decode(entry, path: path, findings) { $0.token() }
            }
            section.missing("listen", "an address such as 127.0.0.1:8026")
            section.requireTLS([listen], tls)
            return listen.map {
                var api = APISettings(listen: $0.text)
                api.tls = tls
                api.tokens = tokens ?? [:]
                return api
            }
        }
    }

    mutating func submission(accounts: some Collection<AccountName>) -> SubmissionSettings? {
        section("submission") { section in
            let listen = section.list("listen", of: .listener, mayBeEmpty: false)
            let tls = section.listenerTLS()
            let users = section.map("users") { [findings = section.findings] entry, path in
                Section.decode(entry, path: path, findings) { $0.user(accounts) }
            }
            section.missing("listen", "a list of addresses such as 127.0.0.1:2525")
            section.requireTLS(listen ?? [], tls)
            return listen.map {
                var submission = SubmissionSettings(listen: $0.map(\.text))
                submission.tls = tls
                submission.users = users ?? [:]
                return submission
            }
        }
    }

    private mutating func token() -> APISettings.Token? {
        let scopes = list("scopes", of: Wanted<APISettings.Scope>.anyCase, mayBeEmpty: false)
        let hash = value("hash", .secretWord("the token's hash"))
        missing("scopes", "a list of read, send and manage")
        missing("hash", "the token's hash")
        guard let scopes, let hash else { return nil }
        return APISettings.Token(scopes: Set(scopes), hash: hash)
    }

    private mutating func user(_ known: some Collection<AccountName>) -> SubmissionSettings.User? {
        let hash = value("password_hash", .secretWord("the password's hash"))
        let accounts = references("accounts", to: "account", among: known)
        missing("password_hash", "the password's hash")
        missing("accounts", "the accounts that may be used for sending")
        guard let hash, let accounts else { return nil }
        return SubmissionSettings.User(passwordHash: hash, accounts: accounts)
    }

    private mutating func listenerTLS() -> ListenerTLS? {
        section("tls") { section in
            let certificate = section.value("certificate", .absolutePath)
            let key = section.value("key", .absolutePath)
            section.missing("certificate", "the PEM file of the certificate and its chain")
            section.missing("key", "the PEM file of the private key")
            guard let certificate, let key else { return nil }
            return ListenerTLS(certificate: certificate, key: key)
        }
    }

    private func requireTLS(_ listeners: [Listener?], _ tls: ListenerTLS?) {
        guard !has("tls"), listeners.contains(where: { $0?.isLoopback == false }), let entry = entry("listen") else {
            return
        }
        findings.error(
            at: entry.value.position, "a listener beyond this machine needs `tls: {certificate: PATH, key: PATH}`"
        )
    }
}

extension Wanted where Result == String {
    fileprivate static func secretWord(_ words: String) -> Wanted {
        var wanted = Wanted<String>.word(words)
        wanted.isSecret = true
        return wanted
    }

    /// A local user, or a group behind an `@`.
    static var userOrGroup: Wanted {
        Wanted(words: "a local user, or a group such as \"@mail\"") { scalar in
            let name = scalar.text.hasPrefix("@") ? scalar.text.dropFirst() : scalar.text[...]
            let isName =
                !name.isEmpty && !name.hasPrefix("-")
                && name.utf8.allSatisfy { (0x21...0x7E).contains($0) && !":,@/".utf8.contains($0) }
            return isName ? scalar.text : nil
        }
    }
}
