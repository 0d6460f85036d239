import Diagnostics
import MailModel
import Sessions
import Store

extension FolderVisit {
    /// Fetches messages that wait behind new mail, slice by slice, newest first.
    ///
    /// - Parameters:
    ///   - progress: goes on from there.
    ///   - goesOn: asked before each slice, and told how far it is.
    /// - Returns: what is left, and what was delivered.
    /// - Throws: a failure of the folder, to be tried at once, when UIDs name other messages now.
    func backfill(
        _ backlog: Backlog, _ progress: BackfillProgress, in mailbox: any Mailbox,
        while goesOn: @Sendable (BackfillProgress) async -> Bool
    ) async throws -> (left: Backlog, result: Result) {
        let stored = try await opened(mailbox, backlog)
        let retrieval = try await MessageRetrieval(self, mailbox, stored)
        var backlog = backlog
        var progress = progress
        var tooLarge = 0
        var result = try await retrieval.run { retrieval in
            var open = 0
            while await goesOn(progress), case let slice = backlog.newest(progress.slice), !slice.isEmpty {
                let started = environment.clock.now
                let octets = await retrieval.octets
                let wanted = try await wanted(slice, stored, mailbox)
                tooLarge += wanted.tooLarge
                if !wanted.uids.isEmpty { open += try await retrieval.retrieveWhole(wanted.uids) }
                backlog.remove(slice)
                progress.fetched(
                    slice.count, octets: await retrieval.octets - octets, in: environment.clock.now - started)
            }
            _ = await goesOn(progress)
            return open
        }
        result.tooLarge = tooLarge
        if backlog.rest.isEmpty {
            try await environment.store.write { try $0.folders.finishBackfill(stored.id, epoch: stored.epoch) }
        }
        return (backlog, result)
    }

    private func opened(_ mailbox: any Mailbox, _ backlog: Backlog) async throws -> StoredFolder {
        let facts = try await mailbox.select(folder)
        let stored = try await environment.store.read { try $0.folders.find(backlog.folder) }
        guard let stored, stored.epoch == backlog.epoch, stored.uidValidity == facts.uidValidity else {
            throw Failure(
                .folder, .now, operation: "SELECT",
                reason: "The folder changed while old mail was being fetched; it is visited again.")
        }
        return stored
    }
}
