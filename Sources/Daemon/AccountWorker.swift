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
    func stop() async {
        async let fetched: Void? = receiving?.stop()
        async let sent: Void? = sending?.stop()
        _ = await (fetched, sent)
    }
}
