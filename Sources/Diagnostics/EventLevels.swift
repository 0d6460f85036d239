import Synchronization

/// The least important events that are written, for the daemon and for accounts that have their own `log_level`.
///
/// Shared by every copy of an `EventLog`, so that a reload changes all of them at once.
public final class EventLevels: Sendable {
    private struct State {
        var general: Event.Severity
        var accounts: [String: Event.Severity]
    }
    private let state: Mutex<State>

    public init(_ general: Event.Severity = .info, accounts: [String: Event.Severity] = [:]) {
        state = Mutex(State(general: general, accounts: accounts))
    }

    public func replace(_ general: Event.Severity, accounts: [String: Event.Severity]) {
        state.withLock { $0 = State(general: general, accounts: accounts) }
    }

    public var general: Event.Severity { state.withLock { $0.general } }

    func allow(_ severity: Event.Severity, account: String?) -> Bool {
        state.withLock { state in
            guard let account, !state.accounts.isEmpty else { return severity >= state.general }
            return severity >= state.accounts[account, default: state.general]
        }
    }
}
