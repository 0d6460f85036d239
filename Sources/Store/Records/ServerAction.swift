import Diagnostics
import MailModel

/// What is to be done with the server's copy of a message.
public struct ServerAction: Hashable, Sendable {
    public enum Kind: String, Sendable { case seen, delete, move }

    /// Who wants it.
    public enum Origin: String, Sendable {
        case afterFetch = "after_fetch"
        case deleteAfter = "delete_after"
        case `operator`
    }

    public enum Phase: String, Sendable {
        /// → begun, copying.
        case planned
        /// The server is being asked; asking again changes nothing. → done, planned when it refuses.
        case begun
        /// It is being copied into the target; whether it arrived there is looked up after a crash. → copied, planned.
        case copying
        /// The copy is there: the original is to be deleted. → done.
        case copied
    }

    public let message: LedgerRow
    public let kind: Kind
    /// Of a move.
    public let target: MoveTarget?
    public let origin: Origin
    public let phase: Phase
    /// Where the copy is to be, and what its UID is at least; of one that is being copied.
    public let copy: CopyPlace?

    /// A folder as it was before something was copied into it.
    public struct CopyPlace: Hashable, Sendable {
        public var serverName: String
        public var uidValidity: UIDValidity
        public var uidNext: UID

        public init(serverName: String, uidValidity: UIDValidity, uidNext: UID) {
            self.serverName = serverName
            self.uidValidity = uidValidity
            self.uidNext = uidNext
        }
    }
}

extension ServerAction.Kind: ColumnWord {}
extension ServerAction.Origin: ColumnWord {}
extension ServerAction.Phase: ColumnWord {}

/// Where a message is moved to.
public enum MoveTarget: Hashable, Sendable, CustomStringConvertible {
    case role(FolderRole)
    case name(String)

    public var description: String {
        switch self {
        case .role(let role): "role:\(role.rawValue)"
        case .name(let name): "name:\(name)"
        }
    }
}

extension MoveTarget: ColumnConvertible {
    var stored: String { description }

    init?(stored: String) {
        let parts = stored.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch parts.first {
        case "role":
            guard let role = FolderRole(rawValue: String(parts[1])) else { return nil }
            self = .role(role)
        case "name": self = .name(String(parts[1]))
        default: return nil
        }
    }
}

/// What is to be done with each message once it is delivered.
public struct ServerWish: Hashable, Sendable {
    public var kind: ServerAction.Kind
    public var target: MoveTarget?
    /// How long after the delivery.
    public var grace: Duration

    public init(kind: ServerAction.Kind, target: MoveTarget? = nil, grace: Duration) {
        self.kind = kind
        self.target = target
        self.grace = grace
    }
}
