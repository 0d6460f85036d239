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
    /// It was of use already.
    private var isProven = false
    private var leftAloneUntil: Timestamp?

    init(_ account: AccountName, _ connector: any MailboxConnector, _ clock: any WallClock, _ log: EventLog) {
        self.account = account
        self.connector = connector
        self.clock = clock
        self.log = log
    }

    /// - Returns: `nil`: not now.
    func open() async -> (any Mailbox)? {
        if let mailbox { return mailbox }
        if let leftAloneUntil, clock.now < leftAloneUntil { return nil }
        do {
            let opened = try await connector.open()
            mailbox = opened
            isProven = false
            return opened
        } catch {
            leaveAlone(because: error)
            return nil
        }
    }

    func succeeded() { isProven = true }

    /// It broke off or was refused something. One that had been kept for a while may have been closed by the server: the
    /// next is opened at once.
    func failed(_ error: any Error) async {
        let wasProven = isProven
        await close()
        if !wasProven { leaveAlone(because: error) }
    }

    func close() async {
        let closing = mailbox
        mailbox = nil
        isProven = false
        await closing?.close()
    }

    private func leaveAlone(because error: any Error) {
        // Nobody refused anything.
        guard !Task.isCancelled else { return }
        let failure = AccountFetcher.failure(error)
        let until = clock.now + Limits.secondSessionRest
        leftAloneUntil = until
        log.record(.secondConnectionFailed(account, because: failure, until: until))
    }
}
