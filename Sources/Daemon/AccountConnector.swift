import Diagnostics
import Fetching
import MailModel
import MailProtocol
import Sending
import Sessions
import Store
import Synchronization

/// Opens the mailbox of one account.
struct AccountMailbox: MailboxConnector {
    let opener: SessionOpener
    let settings: ReceiveSettings
    let provider: Provider
    let numbering: LedgerNumbering

    func open() async throws -> any Mailbox {
        try await opener.openMailbox(settings, of: provider, numbering: numbering)
    }
}

/// Opens the submission server of one account.
struct AccountSubmission: SubmitterConnector {
    let opener: SessionOpener
    let settings: SendSettings
    let provider: Provider
    let logins: StoredLogins

    func open() async throws -> any Submitter {
        try await opener.openSubmitter(settings, of: provider, logins: logins).submitter
    }
}

/// Keeps the name that was found by trying in the store, for the configuration it was found with. What speaks against it is
/// counted here, as long as sending works with the same configuration.
final class StoredLogins: LoginMemory {
    let store: Store
    let account: AccountID
    let name: AccountName
    let clock: any WallClock
    let log: EventLog
    private let verdict = Mutex(LoginVerdict())

    init(store: Store, account: AccountID, name: AccountName, clock: any WallClock, log: EventLog) {
        self.store = store
        self.account = account
        self.name = name
        self.clock = clock
        self.log = log
    }

    func login(for settings: SendSettings) async -> String? {
        // Without it the names are tried anew.
        guard let found = try? await store.read({ [account] in try $0.logins.find(account) }),
            found.asked == StoredLogins.asked(settings)
        else { return nil }
        return found.login
    }

    func remember(_ login: String, for settings: SendSettings) async {
        let known = await self.login(for: settings)
        let isNews = verdict.withLock { $0.takes(login, insteadOf: known, at: clock.now) }
        guard isNews else { return }
        let found = FoundLogin(asked: StoredLogins.asked(settings), login: login, found: clock.now)
        try? await store.write { [account] in try $0.logins.store(found, of: account) }
        log.record(.loginFound(name, login))
    }

    func forget(_ login: String, for settings: SendSettings) async {
        let asked = StoredLogins.asked(settings)
        try? await store.write { [account] transaction in
            guard let found = try transaction.logins.find(account), found.asked == asked, found.login == login else {
                return
            }
            try transaction.logins.forget(account)
        }
    }

    private static func asked(_ settings: SendSettings) -> String {
        let signIn = settings.signIn
        return [
            signIn.provider.text, "\(settings.endpoint.host):\(settings.endpoint.port)", signIn.login,
            signIn.otherLogin ?? "",
        ].joined(separator: " ")
    }
}

/// Keeps the numbers of POP3's unique-ids in the ledger.
struct LedgerNumbering: UniqueIDNumbering {
    let store: Store
    let account: AccountID

    func number(_ listed: [POP3UniqueID]) async throws -> [UID] {
        let texts = listed.map(\.text)
        let known = try await store.read { transaction -> [UID?] in
            let folder = try folder(transaction)
            return try transaction.uniqueIDs.numbers(folder.id, epoch: folder.epoch, of: texts)
        }
        // A visit without news writes nothing.
        if !known.contains(nil) { return known.compactMap(\.self) }
        return try await store.write { transaction in
            let folder = try folder(transaction)
            return try transaction.uniqueIDs.number(folder.id, epoch: folder.epoch, texts)
        }
    }

    private func folder<Access>(_ transaction: Transaction<Access>) throws -> StoredFolder {
        guard let folder = try transaction.folders.find(account, serverName: "INBOX") else {
            throw Failure(.folder, .now, operation: "UIDL", reason: "The mailbox was forgotten meanwhile.")
        }
        return folder
    }
}
