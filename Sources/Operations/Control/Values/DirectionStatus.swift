import Diagnostics
import MailModel

/// How receiving or sending of one account fares.
public struct DirectionStatus: Codable, Hashable, Sendable {
    /// One of the words of `DirectionState`.
    public var state: DirectionState
    public var since: Timestamp?
    public var activity: Activity?
    /// When it is tried again by itself.
    public var until: Timestamp?
    /// What brought it into this state.
    public var problem: ErrorReport?

    public init(
        _ state: DirectionState, since: Timestamp? = nil, activity: Activity? = nil, until: Timestamp? = nil,
        problem: ErrorReport? = nil
    ) {
        self.state = state
        self.since = since
        self.activity = activity
        self.until = until
        self.problem = problem
    }

    func isProblem(at now: Timestamp) -> Bool {
        switch state {
        case .waiting, .throttled: since.map { now - $0 > Limits.patience } ?? false
        default: state.isProblem
        }
    }
}

extension DirectionState: Codable {}
extension Activity: Codable {}
extension DaemonState: Codable {}
