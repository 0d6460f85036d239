import Glibc

/// A user of this machine.
public struct SystemUser: Hashable, Sendable {
    public let name: String
    public let identity: uid_t
    public let group: gid_t
    public let groupName: String

    /// `nil` when there is no such user.
    public init?(named name: String) {
        guard let user = Self.lookUp({ getpwnam_r(name, $0, $1, $2, $3) }) else { return nil }
        self = user
    }

    /// Who runs this process.
    public static var current: SystemUser {
        let (user, group) = (geteuid(), getegid())
        return lookUp { getpwuid_r(user, $0, $1, $2, $3) }
            ?? SystemUser(name: "\(user)", identity: user, group: group, groupName: "\(group)")
    }

    public static var isRoot: Bool { geteuid() == 0 }

    private init(name: String, identity: uid_t, group: gid_t, groupName: String) {
        self.name = name
        self.identity = identity
        self.group = group
        self.groupName = groupName
    }

    private typealias LookUp = (
        UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
        UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32

    /// The re-entrant calls: tests look up users at the same time.
    private static func lookUp(_ call: LookUp) -> SystemUser? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var entry = passwd()
            var found: UnsafeMutablePointer<passwd>?
            guard call(&entry, start, buffer.count, &found) == 0, found != nil else { return nil }
            return SystemUser(
                name: String(cString: entry.pw_name), identity: entry.pw_uid, group: entry.pw_gid,
                groupName: groupName(of: entry.pw_gid))
        }
    }

    private static func groupName(of identity: gid_t) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 << 10) { buffer in
            guard let start = buffer.baseAddress else { return "\(identity)" }
            var entry = group_entry()
            var found: UnsafeMutablePointer<group_entry>?
            guard getgrgid_r(identity, &entry, start, buffer.count, &found) == 0, found != nil else {
                return "\(identity)"
            }
            return String(cString: entry.gr_name)
        }
    }
}

/// The C structure, whose name the property `group` hides.
// swift-format-ignore: TypeNamesShouldBeCapitalized
private typealias group_entry = Glibc.group
