import MailModel

/// What a reload has to do: a pure comparison of the settings in force with the new ones.
public struct SettingsDifference: Hashable, Sendable {
    /// How far a change reaches into one account. An account that is not named keeps its connections and its schedule.
    public struct AccountChange: Hashable, Sendable {
        /// How it receives changed, where its mail goes included.
        public var receiving = false
        /// How it sends changed.
        public var sending = false
        /// Server, sign-in, trust or proxy of receiving changed: open connections are of no use any more.
        public var reconnectsReceiving = false
        /// The same of sending.
        public var reconnectsSending = false

        /// No change.
        public init() {}
    }

    /// What only a restart can change, in the order in which it is named.
    public enum Restart: String, Sendable, CaseIterable {
        case stateDirectory = "state_directory"
        case controlSocket = "control_socket"
        case console, api, submission
    }

    public var added: [AccountName] = []
    public var removed: [AccountName] = []
    public var changed: [AccountName: AccountChange] = [:]
    /// Accounts that go on under another name (`previously`), the new name behind the old one. They are neither in `added`
    /// nor in `removed`.
    public var renamed: [AccountName: AccountName] = [:]
    /// New, or other than before.
    public var changedProviders: Set<ProviderName> = []
    public var removedProviders: Set<ProviderName> = []
    public var changedDestinations: Set<DestinationName> = []
    public var removedDestinations: Set<DestinationName> = []
    /// Log level, retention, access or whom to notify changed.
    public var changesDaemon = false
    /// Changes that were read but have no effect yet; in the order of `Restart`.
    public var needsRestart: [Restart] = []

    public var isEmpty: Bool { self == SettingsDifference() }

    private init() {}

    public init(from old: Settings, to new: Settings) {
        compareProviders(old, new)
        compareDestinations(old, new)
        compareAccounts(old, new)
        needsRestart = Restart.allCases.filter { $0.differs(old, new) }
        changesDaemon =
            old.logLevel != new.logLevel || old.retention != new.retention || old.access != new.access
            || old.notify != new.notify || old.notifyVia != new.notifyVia || old.notifyOwner != new.notifyOwner
    }

    private mutating func compareProviders(_ old: Settings, _ new: Settings) {
        changedProviders = Set(new.providers.filter { old.providers[$0.key] != $0.value }.keys)
        removedProviders = Set(old.providers.keys).subtracting(new.providers.keys)
    }

    private mutating func compareDestinations(_ old: Settings, _ new: Settings) {
        changedDestinations = Set(new.destinations.filter { old.destinations[$0.key] != $0.value }.keys)
        removedDestinations = Set(old.destinations.keys).subtracting(new.destinations.keys)
    }

    private mutating func compareAccounts(_ old: Settings, _ new: Settings) {
        for account in new.accounts.values where old.accounts[account.name] == nil {
            let former = account.previously.first { old.accounts[$0] != nil && new.accounts[$0] == nil }
            if let former { renamed[former] = account.name } else { added.append(account.name) }
        }
        removed = old.accounts.keys.filter { new.accounts[$0] == nil && renamed[$0] == nil }.sorted()
        added.sort()
        for (name, before) in old.accounts {
            guard let after = new.accounts[renamed[name] ?? name] else { continue }
            let change = AccountChange(
                from: before, to: after, providers: changedProviders, destinations: changedDestinations,
                proxyChanged: old.proxy != new.proxy
            )
            if change != AccountChange() { changed[after.name] = change }
        }
    }
}

extension SettingsDifference.Restart {
    fileprivate func differs(_ old: Settings, _ new: Settings) -> Bool {
        switch self {
        case .stateDirectory: old.stateDirectory != new.stateDirectory
        case .controlSocket: old.controlSocket != new.controlSocket
        case .console: old.console != new.console
        case .api: old.api != new.api
        case .submission: old.submission != new.submission
        }
    }
}

extension SettingsDifference.AccountChange {
    fileprivate init(
        from old: Account, to new: Account, providers: Set<ProviderName>, destinations: Set<DestinationName>,
        proxyChanged: Bool
    ) {
        let isOther =
            old.name != new.name || old.enabled != new.enabled || old.logLevel != new.logLevel
            || old.address != new.address
        compareReceiving(old.receive, new.receive, providers, destinations, proxyChanged)
        compareSending(old.send, new.send, providers, proxyChanged)
        receiving = receiving || (isOther && (old.receive ?? new.receive) != nil)
        sending = sending || (isOther && (old.send ?? new.send) != nil)
    }

    private mutating func compareReceiving(
        _ old: ReceiveSettings?, _ new: ReceiveSettings?, _ providers: Set<ProviderName>,
        _ destinations: Set<DestinationName>, _ proxyChanged: Bool
    ) {
        guard let old, let new else {
            receiving = old != new
            return
        }
        reconnectsReceiving =
            old.endpoint != new.endpoint || old.signIn != new.signIn
            || old.mailProtocol != new.mailProtocol || providers.contains(new.signIn.provider) || proxyChanged
        let used = new.deliverTo + new.folders.flatMap { $0.deliverTo ?? [] }
        receiving = reconnectsReceiving || old != new || used.contains(where: destinations.contains)
    }

    private mutating func compareSending(
        _ old: SendSettings?, _ new: SendSettings?, _ providers: Set<ProviderName>, _ proxyChanged: Bool
    ) {
        guard let old, let new else {
            sending = old != new
            return
        }
        reconnectsSending =
            old.endpoint != new.endpoint || old.signIn != new.signIn
            || providers.contains(new.signIn.provider) || proxyChanged
        sending = reconnectsSending || old != new
    }
}
