import Delivery
import Diagnostics
import Fetching
import MailModel
import MailProtocol
import Operations
import Store

extension Daemon: RecordsControl {
    public func importMaildir(
        _ name: AccountName, path: String, folder: String?, dryRun: Bool
    ) async throws -> ImportReport {
        let worker = try worker(name)
        guard path.hasPrefix("/") else { throw Problem(.usage, "`path` begins at the root: /…") }
        let known = try await store.read { try $0.folders.all(of: worker.id) }.map {
            MaildirImport.KnownFolder(serverName: $0.serverName, path: FolderPath(decoding: $0))
        }
        let serverName = folder.map { name in
            known.first { $0.path.description == name || $0.serverName == name }?.serverName
                ?? IMAPMailboxName(name).spelling
        }
        let importer = MaildirImport(
            store: store, clock: clock, account: worker.account, id: worker.id, folders: known, dryRun: dryRun)
        let spelling = { @Sendable (name: String) in IMAPMailboxName(name).spelling }
        // What is fetched meanwhile would be fetched without knowing what is being learned, also by a fetcher that a reload
        // makes meanwhile.
        let turnstile = turnstile(of: worker.id)
        let outcome = try await untilStopped(of: worker.id) {
            try await turnstile.pass { try await importer.run(path, folder: serverName, spelling: spelling) }
        }
        let report = ImportReport(account: name.text, path: path, dryRun: dryRun, outcome)
        if !dryRun {
            log.record(
                .maildirImported(
                    name, path: path, learned: report.folders.reduce(0) { $0 + $1.learned },
                    known: report.folders.reduce(0) { $0 + $1.known }, unreadable: report.unreadable))
        }
        return report
    }

    /// Runs an import that the end of the daemon ends, and the end of the task that asked for it.
    private func untilStopped(
        of account: AccountID, _ work: @escaping @Sendable () async throws -> MaildirImport.Outcome
    ) async throws -> MaildirImport.Outcome {
        let stopped = Problem(
            .stopping, "The daemon is stopping. What was learned stays: run the same command again once it is back.")
        guard !isStopping else { throw stopped }
        let task = Task { try await work() }
        let number = imports.add(task, of: account)
        defer { imports.remove(number) }
        do {
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch is CancellationError where isStopping {
            throw stopped
        }
    }

    /// Not during a reload: it might take the account into the configuration again.
    public func forget(_ name: AccountName, force: Bool) async throws -> ForgetReport {
        try await afterTheOthers { try await self.forgetAlone(name, force: force) }
    }

    private func forgetAlone(_ name: AccountName, force: Bool) async throws -> ForgetReport {
        guard settings.accounts[name] == nil else {
            throw Problem(
                .conflict,
                "Account \(name) is in the configuration. Take it out, run postbote reload, and forget it then.")
        }
        guard let account = try await store.read({ try $0.accounts.find(name) }) else {
            throw Problem.notFound("Nothing is known of an account “\(name)”.")
        }
        guard !imports.isRunning(for: account.id) else {
            throw Problem(.conflict, "A Maildir is being imported for \(name). Try again once that is over.")
        }
        try await checkQueue(of: account, force: force)
        // What lies in staging is mail that was fetched: its destination gets it before nobody knows of it any more.
        _ = try await DeliveryRecovery(store: store, clock: clock, log: log).run(account.id)
        var report = ForgetReport(account: name.text)
        for folder in try await store.read({ try $0.folders.all(of: account.id) }) {
            report.messages += try await forget(folder)
            report.folders += 1
        }
        report.queued = try await inPieces { [account] in
            try $0.queue.forget(account.id, open: force, limit: Limits.forgottenAtOnce)
        }
        report.credentials = try await forgetRow(of: account)
        removeTurnstile(of: account.id)
        log.record(
            .accountForgotten(
                name, messages: report.messages, queued: report.queued, credentials: report.credentials))
        return report
    }

    private func checkQueue(of account: StoredAccount, force: Bool) async throws {
        let counts = try await store.read { try $0.queue.counts(account.id) }
        let open = counts.filter { $0.key.isOpen }.values.reduce(0, +)
        if counts[.sending] ?? 0 > 0 {
            throw Problem(.conflict, "A message of \(account.name) is being sent at this moment. Try again.")
        }
        guard open == 0 || force else {
            throw Problem(
                .conflict,
                "Account \(account.name) has \(open) messages in its queue that are neither sent nor given up: see "
                    + "postbote queue list. With --force they are removed unsent.")
        }
    }

    private func forget(_ folder: StoredFolder) async throws -> Int {
        var count = 0
        while true {
            let piece = try await store.write {
                try $0.ledger.forget(folder.id, limit: Limits.forgottenAtOnce)
            }
            store.quarantine.remove(piece.files)
            count += piece.count
            guard piece.count == 0 else { continue }
            try await store.write { try $0.folders.forget(folder.id) }
            return count
        }
    }

    /// Repeats `piece` until it finds nothing more.
    private func inPieces(
        _ piece: @escaping @Sendable (WriteTransaction) throws -> Int
    ) async throws -> Int {
        var count = 0
        while case let done = try await store.write(piece), done > 0 { count += done }
        return count
    }

    /// - Returns: how many credentials went with it.
    private func forgetRow(of account: StoredAccount) async throws -> Int {
        let forgotten = try await store.write { transaction -> Int? in
            let own = try transaction.accounts.ownCredentials(of: account.id)
            guard try transaction.accounts.forget(account.id) else { return nil }
            let stored = try own.compactMap { try transaction.credentials.find($0.provider, subject: $0.subject) }
            for credential in stored { try transaction.credentials.forget(credential.id) }
            return stored.count
        }
        guard let forgotten else {
            throw Problem(.conflict, "A message of \(account.name) was queued meanwhile. Try again.")
        }
        return forgotten
    }
}

extension ImportReport {
    fileprivate init(account: String, path: String, dryRun: Bool, _ outcome: MaildirImport.Outcome) {
        self.init(
            account: account, dryRun: dryRun,
            folders: outcome.folders.map { folder in
                Folder(
                    name: IMAPMailboxName(spelling: folder.serverName).text,
                    path: folder.directory.isEmpty ? path : "\(path)/\(folder.directory)", files: folder.files,
                    learned: folder.learned, known: folder.known, unreadable: folder.unreadable)
            },
            errors: outcome.unreadable.map { ErrorReport($0) },
            unreadable: outcome.folders.reduce(0) { $0 + $1.unreadable })
    }
}
