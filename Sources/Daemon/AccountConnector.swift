import Diagnostics
import Fetching
import MailModel
import MailProtocol
import Sending
import Sessions
import Store

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

    func open() async throws -> any Submitter { try await opener.openSubmitter(settings, of: provider) }
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
