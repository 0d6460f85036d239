import Authorization
import Diagnostics
import MailModel
import Synchronization

/// Where the accounts can be listened to, for whoever connects or asks for a token from anywhere. A reload that replaces an
/// account's workers leaves its tap, so that a trace goes on.
final class TraceTaps: Sendable {
    private struct State {
        var taps: [AccountName: TraceTap] = [:]
        /// Who signs in with a credential.
        var accounts: [CredentialKey: [AccountName]] = [:]
    }

    private let state = Mutex(State())
    private let clock: any WallClock

    init(clock: any WallClock) { self.clock = clock }

    func tap(of account: AccountName) -> TraceTap {
        state.withLock { state in
            let tap = state.taps[account] ?? TraceTap(clock: clock)
            state.taps[account] = tap
            return tap
        }
    }

    func taps(of key: CredentialKey) -> [TraceTap] {
        state.withLock { state in state.accounts[key]?.compactMap { state.taps[$0] } ?? [] }
    }

    /// Takes `settings` into force; traces of accounts that are not configured any more end.
    func take(_ settings: Settings) {
        var accounts: [CredentialKey: [AccountName]] = [:]
        for account in settings.accounts.values {
            for key in settings.credentialKeys(of: account) { accounts[key, default: []].append(account.name) }
        }
        let gone = state.withLock { state in
            state.accounts = accounts
            let gone = state.taps.filter { settings.accounts[$0.key] == nil }
            for name in gone.keys { state.taps[name] = nil }
            return gone
        }
        for tap in gone.values { tap.closeAll("the account is not configured any more") }
    }
}
