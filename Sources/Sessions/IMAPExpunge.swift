import Diagnostics
import MailModel
import MailProtocol

/// Removes messages where the server has no UID EXPUNGE (RFC 4315): EXPUNGE removes everything that is \Deleted, whoever
/// marked it. So everything else that is marked loses its mark before, and gets it back behind.
///
/// EXPUNGE goes out only straight after a search that found none but our messages, and at least one of them: a server that
/// passes SEARCH DELETED over, or answers it with nothing, does not come that far.
///
/// What can end in between, by a crash of ours or a lost connection, and what is left of it:
/// - Before EXPUNGE: ours are marked, others' marks are missing. Nothing is removed. Whoever planned the deletion asks again.
/// - Behind EXPUNGE: ours are gone, others' marks are missing.
/// A mark that is missing shows a message again that another program meant to remove: that costs its user one more click,
/// and no message. Only what another program marks between the last search and EXPUNGE is removed together with ours: it was
/// to be removed, and the protocol has no way to tell the two apart.
struct IMAPExpunge {
    private let dialog: IMAPDialog
    private let extendedSearch: Bool

    init(_ dialog: IMAPDialog, extendedSearch: Bool) {
        self.dialog = dialog
        self.extendedSearch = extendedSearch
    }

    /// - Throws: with the others' marks given back, as far as the connection lives.
    func run(_ ours: UIDSet) async throws {
        guard !ours.isEmpty else { return }
        var others = UIDSet()
        do {
            try await store(ours, .add)
            try await removeMarked(ours, &others)
        } catch {
            guard !others.isEmpty, await !dialog.isOutOfStep else { throw error }
            try await giveBack(others, after: error as? Failure)
            throw error
        }
        try await giveBack(others, after: nil)
    }

    /// - Parameter others: the messages whose marks were taken, noted before they are.
    private func removeMarked(_ ours: UIDSet, _ others: inout UIDSet) async throws {
        for _ in 0..<Limits.expungeRounds {
            let marked = try await search(.search([.deleted], extended: extendedSearch))
            let more = marked.subtracting(ours)
            if more.isEmpty {
                if !marked.isEmpty {
                    return try await change([.expungeDeleted])
                }
                // They were gone before, or the mark was not taken.
                let present = try await present(ours)
                if present.isEmpty { return }
                throw refused("The server took the mark \\Deleted and does not find it. Nothing was removed.")
            }
            others = others.union(more)
            try await store(more, .remove)
        }
        throw refused("Other programs keep marking messages as deleted in this folder. It will be tried again.")
    }

    private func giveBack(_ others: UIDSet, after failure: Failure?) async throws {
        do {
            try await store(others, .add)
        } catch let refusal as Failure {
            var copy = failure ?? refusal
            copy.reason +=
                " Other programs had marked \(others.count) messages as deleted; they may not be marked any more, and are "
                + "all there."
            throw copy
        }
    }

    // MARK: Commands

    private func store(_ uids: UIDSet, _ mode: IMAPCommand.StoreMode) async throws {
        try await change(
            uids.chunks(of: Limits.changedAtOnce).flatMap { IMAPCommand.store($0, mode, IMAPFlags(.deleted)) })
    }

    private func change(_ commands: [IMAPCommand]) async throws {
        _ = try await dialog.run(commands, window: Limits.pipelinedCommands, into: IgnoreResponses())
    }

    private func search(_ commands: IMAPCommand...) async throws -> UIDSet { try await search(commands) }

    private func present(_ uids: UIDSet) async throws -> UIDSet {
        try await search(IMAPCommand.search(uids, extended: extendedSearch)).intersection(uids)
    }

    private func search(_ commands: [IMAPCommand]) async throws -> UIDSet {
        try await dialog.run(
            commands, window: Limits.pipelinedCommands,
            into: FoundCollector(exists: dialog.exists, searches: commands.count)
        ).uids
    }

    private func refused(_ reason: String) -> Failure {
        Failure(.folder, .later(after: nil), operation: IMAPOperation.expungeDeleted.rawValue, reason: reason)
    }
}
