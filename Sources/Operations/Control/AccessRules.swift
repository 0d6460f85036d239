import Dispatch
import Glibc
import MailModel

/// `access:` of the configuration with its names resolved, so that a request asks no directory service.
public struct AccessRules: Hashable, Sendable {
    /// Some users and some groups of this machine.
    struct Party: Hashable, Sendable {
        var users: Set<UInt32> = []
        var groups: Set<UInt32> = []

        func contains(_ peer: Peer) -> Bool { users.contains(peer.user) || groups.contains(peer.group) }
    }

    var send = Party()
    var token = Party()
    var manage = Party()
    /// Names of the configuration that this machine does not know.
    public private(set) var unknown: [String] = []

    /// Nobody but root and the daemon's own user.
    public init() {}

    /// Asks the system's directory services, which may take their time, on a thread of its own.
    public static func resolved(_ settings: AccessSettings) async -> AccessRules {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(returning: AccessRules(settings, accounts: SystemAccounts()))
            }
        }
    }

    init(_ settings: AccessSettings, accounts: some LocalAccounts) {
        send = resolve(settings.send, accounts)
        token = resolve(settings.token, accounts)
        manage = resolve(settings.manage, accounts)
    }

    private mutating func resolve(_ names: [String], _ accounts: some LocalAccounts) -> Party {
        var party = Party()
        for name in names {
            if !name.hasPrefix("@"), let user = accounts.user(name) {
                party.users.insert(user)
            } else if name.hasPrefix("@"), let group = accounts.group(String(name.dropFirst())) {
                party.groups.insert(group.id)
                party.users.formUnion(group.members.compactMap { accounts.user($0) })
            } else {
                unknown.append(name)
            }
        }
        return party
    }

    /// Root, and whoever runs the daemon, may everything.
    public func permission(of peer: Peer, daemon: UInt32 = geteuid()) -> Permission {
        if peer.user == 0 || peer.user == daemon || manage.contains(peer) { return .everything }
        var permission: Permission = []
        if send.contains(peer) { permission.insert(.send) }
        if token.contains(peer) { permission.insert(.token) }
        return permission
    }
}
