import Diagnostics
import MailModel

/// A direction of an account that works again only after somebody has acted.
struct DirectionProblem: Hashable, Sendable {
    var account: AccountName
    var direction: Direction
    var state: DirectionState
    /// What happened and what to do.
    var reason: String

    /// As the store names it.
    var key: String { DirectionProblem.key(direction, of: account) }

    static func key(_ direction: Direction, of account: AccountName) -> String { "\(direction.rawValue)/\(account)" }
}
