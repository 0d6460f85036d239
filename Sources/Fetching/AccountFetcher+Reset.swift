import MailModel
import Sessions
import Store

extension AccountFetcher {
    /// Forgets what UIDs mean in the watched folder of that name, or in all, and looks for what is known at once. With
    /// `dryRun` nothing is changed.
    ///
    /// - Returns: the folders, each with what a rehearsal found; none: no watched folder has that name.
    public func reset(
        folder name: String?, dryRun: Bool
    ) async throws -> [(folder: FolderPath, found: RecoveryOutcome?)] {
        let mailbox = try await open()
        do {
            let selection = FolderSelection(settings: settings, remote: try await mailbox.folders())
            var found: [(folder: FolderPath, found: RecoveryOutcome?)] = []
            for watched in selection.watched where name == nil || watched.folder.path.description == name {
                let visit = try visit(to: watched, among: selection.remote)
                found.append((watched.folder.path, try await visit.reset(mailbox, dryRun: dryRun)))
            }
            await mailbox.close()
            if !dryRun, !found.isEmpty { fetchSoon() }
            return found
        } catch {
            await mailbox.close()
            throw error
        }
    }
}

extension FolderVisit {
    fileprivate func reset(_ mailbox: any Mailbox, dryRun: Bool) async throws -> RecoveryOutcome? {
        let known = try await environment.store.read { [accountID, folder] in
            try $0.folders.find(accountID, serverName: folder.serverName)
        }
        guard dryRun else {
            if let known { try await environment.store.write { try $0.folders.reset(known.id) } }
            return nil
        }
        let facts = try await mailbox.select(folder)
        guard let known else { return RecoveryOutcome(new: facts.exists) }
        return try await recovery(in: mailbox).rehearse(known)
    }
}
