import Diagnostics
import MailModel

/// Makes settings of the values of all files.
struct SettingsDecoder {
    let findings: Findings
    let directories: ConfigurationDirectories

    /// `main` is the main file's root, `accountFiles` those of accounts.d in name order.
    func decode(main: Value, accountFiles: [Value]) -> Settings? {
        Section.decode(main, named: "the configuration", path: "", at: .whole(main.position.file), findings) {
            section in
            var settings = settings(&section)
            let providers = providers(&section)
            settings.providers = providers.mapValues(\.provider)
            settings.destinations = destinations(&section, settings)
            let accounts = accounts(&section, accountFiles, providers, settings)
            settings.accounts = accounts.sound
            settings.notifyVia = notifyVia(&section, accounts)
            checkNotifyOwner(section, settings)
            settings.submission = section.submission(accounts: accounts.names)
            return settings
        }
    }

    private func settings(_ section: inout Section) -> Settings {
        var settings = Settings(
            stateDirectory: section.value("state_directory", .absolutePath) ?? directories.state,
            controlSocket: section.value("control_socket", .socketPath) ?? directories.runtime + "/postbote.sock"
        )
        settings.logLevel = section.value("log_level", Wanted<LogLevel>.anyCase) ?? settings.logLevel
        settings.notify = section.value("notify", .address)?.text
        settings.notifyOwner = section.value("notify_owner", .flag) ?? false
        settings.proxy = section.proxy()
        settings.retention = section.retention()
        settings.access = section.access()
        settings.console = section.console()
        settings.api = section.api()
        return settings
    }

    private func notifyVia(_ section: inout Section, _ accounts: AccountsDecoder.Accounts) -> AccountName? {
        let name = section.reference("notify_via", to: "account", among: accounts.names)
        if let name, let account = accounts.sound[name], account.send == nil, let entry = section.entry("notify_via")
        {
            findings.error(at: entry.value.position, "the account `\(name)` cannot send: it has no `send`")
        }
        if name == nil, !section.has("notify_via"), let entry = section.entry("notify"), !entry.value.isNull {
            findings.warn(.doubtful, at: entry.keyPosition, "nobody is told as long as `notify_via` names no account")
        }
        return name
    }

    /// Owners get a mail with a link in it.
    private func checkNotifyOwner(_ section: Section, _ settings: Settings) {
        guard settings.notifyOwner, let entry = section.entry("notify_owner") else { return }
        let missing = [
            section.has("notify_via") ? nil : "`notify_via: ACCOUNT`, through which owners are told",
            settings.console?.publicURL == nil && !section.has("console")
                ? "`console: {listen: 127.0.0.1:8025, public_url: https://NAME}`, where their links lead" : nil,
            section.has("console") && settings.console.map { $0.publicURL == nil } ?? false
                ? "`public_url` in `console`, where their links lead" : nil,
        ].compactMap(\.self)
        guard !missing.isEmpty else { return }
        findings.error(at: entry.keyPosition, "`notify_owner` needs \(missing.joined(separator: ", and "))")
    }

    private func providers(_ section: inout Section) -> [ProviderName: ProviderEntry] {
        let pairs = section.map("providers") { [findings] entry, path in
            ProviderDecoder.decode(entry, path: path, findings)
        }
        return Dictionary(uniqueKeysWithValues: (pairs ?? [:]).values)
    }

    private func destinations(_ section: inout Section, _ settings: Settings) -> [DestinationName: Destination] {
        let builtIn = Destination(
            name: Settings.builtInDestination,
            kind: .maildir(MaildirSettings(path: settings.stateDirectory + "/mail/{account}"))
        )
        let written = section.map("destinations") { [findings] entry, path in
            DestinationDecoder.decode(entry, path: path, findings)
        }
        let pairs = (written ?? [:]).values.map { ($0.name, $0) }
        return Dictionary([(builtIn.name, builtIn)] + pairs) { _, written in written }
    }

    private func accounts(
        _ section: inout Section, _ files: [Value], _ providers: [ProviderName: ProviderEntry], _ settings: Settings
    ) -> AccountsDecoder.Accounts {
        let known = KnownNames(
            providers: Set(providers.keys).union(section.names(of: "providers")),
            destinations: Set(settings.destinations.keys).union(section.names(of: "destinations"))
        )
        let builder = AccountBuilder(
            findings: findings, providers: providers, known: known,
            pollInterval: section.value("poll_interval", .duration(atLeast: .seconds(1)))
        )
        let decoder = AccountsDecoder(
            findings: findings, builder: builder, defaults: section.takeSection("defaults")?.value
        )
        let main = section.takeSection("accounts")?.value
        return decoder.decode([main].compactMap { $0 } + files.compactMap(accountMap))
    }

    /// The `accounts` of a file of accounts.d, where nothing else may be.
    private func accountMap(_ root: Value) -> Value? {
        Section.decode(root, named: "the file", path: "", at: .whole(root.position.file), findings) { section in
            let accounts = section.takeSection("accounts")?.value
            let reason = "files of accounts.d hold `accounts` only, the rest is in the main file"
            for key in SettingsDecoder.mainKeys { section.refuse(key, reason) }
            return accounts
        }
    }

    private static let mainKeys = [
        "state_directory", "control_socket", "poll_interval", "log_level", "notify", "notify_via", "notify_owner",
        "proxy", "retention", "access", "console", "api", "submission", "providers", "destinations", "defaults",
    ]
}

extension Section {
    /// The valid names written in a section, also those whose entry has errors: a reference to them is not to nothing.
    fileprivate func names<Subject>(of key: String) -> [Name<Subject>] {
        guard case .map(let entries) = entry(key)?.value.content else { return [] }
        return entries.compactMap { Name($0.key) }
    }

    fileprivate mutating func proxy() -> ProxySettings? {
        section("proxy") { section in
            let address = section.value("url", .proxyURL)
            let except = section.list("except", of: .host)
            section.missing("url", "write the proxy's, such as http://proxy.example.org:3128")
            return address.map { address in
                let host = address.host.text.contains(":") ? "[\(address.host.text)]" : address.host.text
                return ProxySettings(
                    url: "\(address.scheme)://\(host):\(address.port ?? WebAddress.proxyPort)", user: address.user,
                    password: address.password.map { .literal(.init($0)) }, except: except?.map(\.text) ?? []
                )
            }
        }
    }

    fileprivate mutating func retention() -> RetentionSettings {
        section("retention") { section in
            var retention = RetentionSettings()
            retention.sent = section.value("sent", .duration()) ?? retention.sent
            retention.failed = section.value("failed", .duration()) ?? retention.failed
            retention.history = section.value("history", .duration()) ?? retention.history
            return retention
        } ?? RetentionSettings()
    }

    fileprivate mutating func access() -> AccessSettings {
        section("access") { section in
            var access = AccessSettings()
            access.send = section.list("send", of: .userOrGroup) ?? []
            access.token = section.list("token", of: .userOrGroup) ?? []
            access.manage = section.list("manage", of: .userOrGroup) ?? []
            return access
        } ?? AccessSettings()
    }
}

extension Wanted where Result == String {
    /// A path short enough for a socket, and for the submit socket beside it (unix(7): 108 octets with the NUL).
    fileprivate static var socketPath: Wanted {
        Wanted(words: "an absolute path of at most 107 octets") { scalar in
            let isFit = scalar.text.hasPrefix("/") && scalar.text.utf8.count <= 107 && !scalar.text.utf8.contains(0)
            let directory =
                scalar.text.utf8.lastIndex(of: UInt8(ascii: "/")).map { scalar.text.utf8[..<$0].count } ?? 0
            return isFit && directory + "/submit.sock".utf8.count <= 107 ? scalar.text : nil
        }
    }
}
