import Diagnostics
import MailModel

/// Settings in force as lines of YAML that show no secret: each is named by the place it is read from, a literal by being one.
///
/// What may be shown is written out here: a setting that is new is missing rather than told. Paths of addresses on the web may be
/// secrets themselves (webhooks), arguments of commands as well: neither is told.
public enum SettingsListing {
    /// All but the accounts'.
    public static func lines(of settings: Settings) -> [String] {
        var listing = Lines()
        listing.add("state_directory", settings.stateDirectory)
        listing.add("control_socket", settings.controlSocket)
        listing.add("log_level", settings.logLevel.rawValue)
        listing.add("notify", settings.notify)
        listing.add("notify_via", settings.notifyVia?.text)
        listing.add("notify_owner", settings.notifyOwner)
        if let proxy = settings.proxy {
            listing.section("proxy") { inner in
                inner.add("url", origin(proxy.url))
                inner.add("user", proxy.user.map { _ in "(cut)" })
                inner.add("password", proxy.password.map(place))
                inner.add("except", list(proxy.except))
            }
        }
        listing.section("retention") { inner in
            inner.add("sent", duration(settings.retention.sent))
            inner.add("failed", duration(settings.retention.failed))
            inner.add("history", duration(settings.retention.history))
        }
        listing.section("access") { inner in
            inner.add("send", list(settings.access.send))
            inner.add("token", list(settings.access.token))
            inner.add("manage", list(settings.access.manage))
        }
        addListeners(settings, to: &listing)
        listing.section("providers") { inner in
            for provider in settings.providers.values.sorted(by: { $0.name < $1.name }).prefix(Limits.listedSections)
            {
                inner.section(provider.name.text) { add(provider, to: &$0) }
            }
            inner.note(settings.providers.count - Limits.listedSections)
        }
        listing.section("destinations") { inner in
            let all = settings.destinations.values.sorted { $0.name < $1.name }
            for destination in all.prefix(Limits.listedSections) {
                inner.section(destination.name.text) { add(destination.kind, to: &$0) }
            }
            inner.note(all.count - Limits.listedSections)
        }
        return listing.lines
    }

    /// An account's, with what it inherits.
    public static func lines(of account: Account) -> [String] {
        var listing = Lines()
        listing.add("address", account.address)
        listing.add("previously", account.previously.isEmpty ? nil : list(account.previously.map(\.text)))
        listing.add("enabled", account.enabled)
        listing.add("log_level", account.logLevel?.rawValue)
        if let receive = account.receive { listing.section("receive") { add(receive, to: &$0) } }
        if let send = account.send { listing.section("send") { add(send, to: &$0) } }
        return listing.lines
    }

    /// The words in the settings that somebody chose, without the accounts' addresses.
    public static func names(in settings: Settings) -> [String] {
        var names: Set<String> = []
        for account in settings.accounts.values {
            names.formUnion([account.name.text] + account.previously.map(\.text))
        }
        for provider in settings.providers.values {
            names.formUnion([provider.name.text, provider.tenant, provider.clientID].compactMap(\.self))
        }
        names.formUnion(settings.destinations.keys.map(\.text))
        names.remove(Settings.builtInDestination.text)
        let users = settings.access.send + settings.access.token + settings.access.manage
        names.formUnion(users.map { $0.hasPrefix("@") ? String($0.dropFirst()) : $0 })
        names.formUnion(settings.submission.map { Array($0.users.keys) } ?? [])
        names.formUnion(settings.api.map { Array($0.tokens.keys) } ?? [])
        names.formUnion(settings.destinations.values.compactMap(\.group))
        return names.sorted()
    }

    // MARK: Sections

    private static func addListeners(_ settings: Settings, to listing: inout Lines) {
        if let console = settings.console {
            listing.section("console") { inner in
                inner.add("listen", console.listen)
                inner.add("public_url", console.publicURL.map(address))
                inner.add("trusted_proxies", console.trustedProxies.count)
            }
        }
        if let api = settings.api {
            listing.section("api") { inner in
                inner.add("listen", api.listen)
                inner.add("tls", api.tls != nil)
                inner.add("tokens", list(api.tokens.keys.sorted()))
            }
        }
        if let submission = settings.submission {
            listing.section("submission") { inner in
                inner.add("listen", list(submission.listen))
                inner.add("tls", submission.tls != nil)
                inner.add("users", list(submission.users.keys.sorted()))
            }
        }
    }

    private static func add(_ provider: Provider, to listing: inout Lines) {
        listing.add("preset", provider.preset.rawValue)
        listing.add("cloud", provider.cloud.rawValue)
        listing.add("tenant", provider.tenant)
        listing.add("client_id", provider.clientID)
        listing.add("grant", provider.grant.rawValue)
        switch provider.authentication {
        case .none: listing.add("client", "public")
        case .secrets(let secrets):
            for (index, secret) in secrets.enumerated() {
                let ends = secret.expires.map { ", ends \($0)" } ?? ", end not known"
                listing.add("client_secrets[\(index)]", place(secret.value) + ends)
            }
        case .certificates(let pairs):
            for (index, pair) in pairs.enumerated() {
                listing.add("certificates[\(index)]", place(pair.certificate))
                listing.add("private_keys[\(index)]", place(pair.privateKey))
            }
        }
        listing.add("key", provider.serviceAccountKey.map(place))
        listing.add("issuer", provider.issuer.map(address))
        listing.add("authorize_url", provider.authorizeURL.map(address))
        listing.add("token_url", provider.tokenURL.map(address))
        listing.add("device_url", provider.deviceURL.map(address))
        listing.add("revoke_url", provider.revokeURL.map(address))
        listing.add("redirect_uri", provider.redirectURI.map(address))
        listing.add("scopes", list(provider.scopes))
        for service in MailService.allCases {
            listing.add(service.rawValue, provider.endpoint(of: service).map(server))
        }
        listing.add("ca_file", provider.trust.caFile)
        listing.add("verify_certificate", provider.trust.verifyCertificate)
        listing.add("certificate_name", provider.trust.certificateName)
        listing.add("files_sent", provider.filesSent)
        listing.add("helo_name", provider.heloName)
    }

    private static func add(_ kind: Destination.Kind, to listing: inout Lines) {
        switch kind {
        case .maildir(let maildir):
            listing.add("type", "maildir")
            listing.add("path", maildir.path)
            listing.add("group", maildir.group)
            listing.add("mode", "0" + String(maildir.mode, radix: 8))
        case .webhook(let url, let secret, let headers):
            listing.add("type", "webhook")
            listing.add("url", origin(url))
            listing.add("secret", secret.map(place))
            for (name, value) in headers.sorted(by: { $0.key < $1.key }).prefix(Limits.listedWords) {
                listing.add("header \(name)", place(value))
            }
        case .lmtp(let address, let recipient):
            listing.add("type", "lmtp")
            listing.add("address", address)
            listing.add("recipient", recipient)
        case .pipe(let command, let timeout):
            listing.add("type", "pipe")
            listing.add("command", words(command))
            listing.add("timeout", duration(timeout))
        }
    }

    private static func add(_ receive: ReceiveSettings, to listing: inout Lines) {
        listing.add("enabled", receive.enabled)
        add(receive.signIn, to: &listing)
        listing.add("protocol", receive.mailProtocol.rawValue)
        listing.add("server", server(receive.endpoint))
        listing.add("folders", list(receive.folders.map(folder)))
        listing.add("exclude", receive.exclude.isEmpty ? nil : list(receive.exclude.map(selector)))
        listing.add("folders_overlap", receive.foldersOverlap.rawValue)
        listing.add("idle", receive.idle)
        listing.add("poll_interval", duration(receive.pollInterval))
        listing.add("since", receive.since?.description)
        listing.add("max_message_size", receive.maxMessageSize.map(String.init))
        listing.add("daily_download", receive.dailyDownload.map(String.init))
        listing.add("after_fetch", afterFetch(receive.afterFetch))
        listing.add("after_fetch_grace", duration(receive.afterFetchGrace))
        for (role, age) in receive.deleteAfter.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            listing.add("delete_after \(role.rawValue)", duration(age))
        }
        listing.add("deliver_to", list(receive.deliverTo.map(\.text)))
    }

    private static func add(_ send: SendSettings, to listing: inout Lines) {
        listing.add("enabled", send.enabled)
        add(send.signIn, to: &listing)
        listing.add("server", server(send.endpoint))
        listing.add("from", list(send.from))
        listing.add("save_sent", send.saveSent.rawValue)
        listing.add("messages_per_minute", send.rate.messagesPerMinute.map(String.init))
        listing.add("recipients_per_day", send.rate.recipientsPerDay.map(String.init))
        listing.add("connections", send.rate.connections)
        listing.add("recipients_per_message", send.recipientsPerMessage.map(String.init))
        listing.add("max_age", duration(send.maxAge))
        listing.add("parked_max", duration(send.parkedMax))
        listing.add("in_doubt", send.inDoubt.rawValue)
        listing.add("in_doubt_unresolved", send.inDoubtUnresolved.rawValue)
    }

    private static func add(_ signIn: SignInSettings, to listing: inout Lines) {
        listing.add("provider", signIn.provider.text)
        listing.add("login", signIn.login)
        listing.add("other_login", signIn.otherLogin)
        listing.add("authorized_as", list([signIn.authorizedAs] + signIn.aliases))
        listing.add("password", signIn.password.map(place))
    }

    // MARK: Values

    /// Where a secret is read from. Of a command only the program: its arguments may be secret.
    private static func place(_ source: SecretSource) -> String {
        switch source {
        case .literal: "(a literal, cut)"
        case .file(let path): "{file: \(path)}"
        case .environment(let name): "{env: \(name)}"
        case .credential(let name): "{credential: \(name)}"
        case .command(let command): "{command: \(words(command))}"
        }
    }

    private static func words(_ command: [String]) -> String {
        let more = command.count - 1
        return "[\(command.first ?? "")\(more > 0 ? ", and \(more) arguments, cut" : "")]"
    }

    /// Scheme, host and port.
    private static func origin(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return "(cut)" }
        let authority = url[scheme.upperBound...].prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return String(url[..<scheme.upperBound] + host)
    }

    /// The same with its path: of endpoints that are no secret.
    private static func address(_ url: String) -> String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...].prefix { !"?#".contains($0) }
        return origin(url) + (rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "")
    }

    private static func server(_ endpoint: Endpoint) -> String {
        "\(endpoint.host) port \(endpoint.port), tls \(endpoint.tls.rawValue)"
    }

    private static func folder(_ folder: FolderSettings) -> String {
        let destinations = folder.deliverTo.map { " to \(list($0.map(\.text)))" } ?? ""
        let after = folder.afterFetch.map { " then \(afterFetch($0))" } ?? ""
        return selector(folder.selector) + destinations + after
    }

    private static func selector(_ selector: FolderSettings.Selector) -> String {
        switch selector {
        case .name(let name): name
        case .role(let role): role.rawValue
        case .pattern(let pattern): "pattern \(pattern)"
        case .subscribed: "subscribed"
        }
    }

    private static func afterFetch(_ action: AfterFetch) -> String {
        switch action {
        case .keep: "keep"
        case .seen: "seen"
        case .delete: "delete"
        case .moveToRole(let role): "{move: \(role.rawValue)}"
        case .moveToFolder(let name): "{move: \(name)}"
        }
    }

    private static func list(_ words: [String]) -> String {
        let more = words.count - Limits.listedWords
        return "[\(words.prefix(Limits.listedWords).joined(separator: ", "))\(more > 0 ? ", and \(more) more" : "")]"
    }

    /// In the largest unit that is exact.
    private static func duration(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for (length, unit) in [(86400, "d"), (3600, "h"), (60, "m")] as [(Int64, String)]
        where seconds > 0 && seconds % length == 0 { return "\(seconds / length)\(unit)" }
        return "\(seconds)s"
    }

    // MARK: Lines

    private struct Lines {
        var lines: [String] = []

        mutating func add(_ key: String, _ value: String?) {
            guard let value else { return }
            lines.append("\(key): \(value)")
        }

        mutating func add(_ key: String, _ value: Bool) { add(key, String(value)) }
        mutating func add(_ key: String, _ value: Int) { add(key, String(value)) }

        /// Says how many there was no room for.
        mutating func note(_ more: Int) {
            if more > 0 { lines.append("# and \(more) more") }
        }

        mutating func section(_ key: String, _ body: (inout Lines) -> Void) {
            var inner = Lines()
            body(&inner)
            lines.append("\(key):")
            lines += inner.lines.map { "  \($0)" }
        }
    }
}

extension Destination {
    /// The group of users that its files belong to.
    fileprivate var group: String? {
        if case .maildir(let maildir) = kind { maildir.group } else { nil }
    }
}
