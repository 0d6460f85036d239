import Diagnostics
import Fetching
import MailModel
import Sending
import Store

/// One configured account at work: its fetcher and its sender, each with the task that runs it.
struct AccountWorker: Sendable {
    struct Running<Worker: Sendable>: Sendable {
        let worker: Worker
        let task: Task<Void, Never>

        func stop() async {
            task.cancel()
            await task.value
        }

        /// The same, but returns at the deadline at the latest.
        func stop(within deadline: Duration, by clock: any WallClock) async {
            await clock.wait(atMost: deadline) { await stop() }
        }
    }

    let account: Account
    let id: AccountID
    var receiving: Running<AccountFetcher>?
    var sending: Running<AccountSender>?

    /// Whether mail is fetched: configured, and enabled at both places.
    static func receives(_ account: Account) -> ReceiveSettings? {
        guard account.enabled, let receive = account.receive, receive.enabled else { return nil }
        return receive
    }

    static func sends(_ account: Account) -> SendSettings? {
        guard account.enabled, let send = account.send, send.enabled else { return nil }
        return send
    }

    /// Ends both, after what is past the point of no return there.
    func stop(by clock: any WallClock) async {
        async let fetched: Void = stopReceiving()
        async let sent: Void = stopSending(by: clock)
        _ = await (fetched, sent)
    }

    /// Whoever fetches after this one must find all that it delivered in the ledger, so its end is waited for.
    func stopReceiving() async { await receiving?.stop() }

    /// A message whose reply does not come keeps nobody waiting: it is no other sender's while its attempt runs.
    func stopSending(by clock: any WallClock) async { await sending?.stop(within: Limits.shutdown, by: clock) }
}
