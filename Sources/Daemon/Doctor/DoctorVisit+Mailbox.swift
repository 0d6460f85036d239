import Diagnostics
import Fetching
import MailModel
import MailProtocol
import Sessions

/// The mailbox: in it, its folders, and what Exchange does to what is read there.
extension DoctorVisit {
    func mailboxSignIn() async throws -> DoctorFinding {
        do {
            folders = try await withMailbox { try await $0.folders() }
        } catch let failure as Failure {
            throw named(failure, .receive)
        }
        return .ok("signed in as \(signIn(.receive).login), \(folders.count) folders")
    }

    func watchedFolders() -> DoctorFinding {
        guard let receive = account.receive else { return .skipped("the account does not receive") }
        let selection = FolderSelection(settings: receive, remote: folders)
        let found = selection.watched.map { watched in
            watched.folder.path.description + (watched.folder.role.map { " (\($0.rawValue))" } ?? "")
        }
        guard !found.isEmpty else {
            if let missing = selection.missing.first { return .failed(missing.of(account: account.name.text)) }
            return .failed(
                "nothing that `folders:` asks for is in the mailbox",
                next: "Correct `folders:`; the folders there are shown by `postbote folders \(account.name)`.")
        }
        guard let missing = selection.missing.first else { return .ok(found.joined(separator: ", ")) }
        var finding = DoctorFinding.failed(missing.of(account: account.name.text))
        finding.outcome = .warning
        let reasons = selection.missing.map(\.reason).joined(separator: " ")
        finding.found = "\(found.joined(separator: ", ")); but: \(reasons)"
        return finding
    }

    /// What Exchange does unless a mailbox is set otherwise; the settings cannot be seen with IMAP or POP3.
    func exchangeSettings() -> DoctorFinding {
        let kind = account.receive?.mailProtocol == .pop3 ? "Pop" : "Imap"
        return .warning(
            "unless set otherwise, Exchange answers a requested read receipt when a message is fetched, and gives calendar "
                + "items as a link instead of iCalendar; this cannot be seen from here",
            next: "If that is unwanted, in Exchange Online PowerShell: `Set-CASMailbox -Identity \(account.address) "
                + "-\(kind)UseProtocolDefaults $false -\(kind)SuppressReadReceipt $true "
                + "-\(kind)ForceICalForCalendarRetrievalOption $true`; `Get-CASMailbox -Identity \(account.address) "
                + "| Format-List \(kind)*` shows what is set.")
    }

    // MARK: A session of its own

    /// Opens the mailbox, and closes it at once when `work` is done.
    ///
    /// A POP3 mailbox admits one session (RFC 1939 §4): whoever fetches has ended theirs before.
    func withMailbox<Value: Sendable>(
        _ work: @escaping @Sendable (any Mailbox) async throws -> Value
    ) async throws -> Value {
        guard let receive = account.receive else { preconditionFailure("the plan has no mailbox without receiving") }
        let provider = provider(.receive)
        let opener = ground.opener
        let visit: @Sendable () async throws -> Value = {
            let mailbox = try await opener.openMailbox(receive, of: provider, numbering: ListNumbering())
            do {
                let value = try await work(mailbox)
                await mailbox.close()
                return value
            } catch {
                await mailbox.close()
                throw error
            }
        }
        guard receive.mailProtocol == .pop3 else { return try await visit() }
        waitsForTurn = true
        defer { waitsForTurn = false }
        return try await ground.turnstile.pass {
            await self.hasTurn()
            return try await visit()
        }
    }

    private func hasTurn() { waitsForTurn = false }

    static func noTurn(_ name: AccountName) -> DoctorFinding {
        .skipped(
            "a POP3 mailbox admits one session, and Postbote is fetching from it: again later, or after "
                + "`postbote pause \(name)`")
    }
}

/// Numbers messages by their place in the list: whoever only looks writes nothing into the ledger.
private struct ListNumbering: UniqueIDNumbering {
    func number(_ listed: [POP3UniqueID]) async throws -> [UID] {
        listed.indices.compactMap { UID(UInt32(clamping: $0 + 1)) }
    }
}
