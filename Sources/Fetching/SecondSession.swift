import Diagnostics
import MailModel
import Sessions

/// A second session with an account's mailbox, on which old mail is fetched beside the first.
///
/// It only helps: what it cannot do the first one does, and then it is left alone for a while. Servers limit the connections
/// of a mailbox, and slow down those who take too much.
actor SecondSession {
    private let account: AccountName
    private let connector: any MailboxConnector
    private let clock: any WallClock
    private let log: EventLog
    private var mailbox: (any Mailbox)?
    /// It was kept since an earlier use.
    private var isKept = false
    private var restsUntil: Timestamp?

    init(_ account: AccountName, _ connector: any MailboxConnector, _ clock: any WallClock, _ log: EventLog) {
        self.account = account
        self.connector = connector
        self.clock = clock
        self.log = log
    }

    /// - Returns: `nil`: not now.
    func open() async -> (any Mailbox)? {
        if let mailbox {
            isKept = true
            if await !mailbox.isOutOfStep { return mailbox }
            await close()
        }
        if let restsUntil, clock.now < restsUntil { return nil }
        do {
            let opened = try await connector.open()
            mailbox = opened
            isKept = false
            return opened
        } catch {
            await rest(because: error)
            return nil
        }
    }

    /// The folder could not be opened. A session that had been kept for a while may have been closed by the server: the
    /// next is opened at the next occasion.
    func didNotOpen(because error: any Error) async {
        if isKept { await close() } else { await rest(because: error) }
    }

    /// It is closed, and none is opened for a while, or for as long as the server asks.
    func rest(because error: any Error) async {
        await close()
        // Nobody refused anything.
        guard !(error is CancellationError), !Task.isCancelled else { return }
        let failure = AccountFetcher.failure(error)
        var pause = Limits.secondSessionRest
        if case .later(let asked?) = failure.retry { pause = max(pause, asked) }
        restsUntil = clock.now + pause
        log.record(.secondConnectionFailed(account, because: failure, until: clock.now + pause))
    }

    func close() async {
        let closing = mailbox
        mailbox = nil
        await closing?.close()
    }
}
