import Diagnostics
import MailModel

/// The daemon as a whole.
public struct DaemonStatus: Codable, Hashable, Sendable {
    public var state: DaemonState
    /// Postbote's version.
    public var release: String
    public var process: Int32
    public var started: Timestamp
    public var configurationLoaded: Timestamp
    public var accounts: Int
    /// Accounts with a problem.
    public var problems: Int
    /// What is wrong with the daemon itself.
    public var problem: ErrorReport?

    enum CodingKeys: String, CodingKey {
        case state, release, process, started
        case configurationLoaded = "configuration_loaded"
        case accounts, problems, problem
    }

    public init(
        state: DaemonState, release: String, process: Int32, started: Timestamp, configurationLoaded: Timestamp,
        accounts: Int, problems: Int, problem: ErrorReport? = nil
    ) {
        self.state = state
        self.release = release
        self.process = process
        self.started = started
        self.configurationLoaded = configurationLoaded
        self.accounts = accounts
        self.problems = problems
        self.problem = problem
    }
}
