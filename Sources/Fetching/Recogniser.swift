import Diagnostics
import MailModel
import Store

/// Recognises present messages of a folder, batch by batch: while one batch is written, the next is decided, and the headers
/// of the one behind that are being read.
actor Recogniser {
    private let store: Store
    private let clock: any WallClock
    private let folder: StoredFolder
    private let account: AccountID
    private let former: Set<FolderID>
    /// Messages that only their content tells.
    private var doubtful = 0
    private var writing: Task<Void, any Error>?
    /// What is being written: whoever reads meanwhile may not see it yet.
    private var changes = KnownMail.Changes()

    init(store: Store, clock: any WallClock, folder: StoredFolder, account: AccountID, former: Set<FolderID>) {
        self.store = store
        self.clock = clock
        self.folder = folder
        self.account = account
        self.former = former
    }

    func take(_ summaries: [MessageSummary]) async throws {
        let candidates = summaries.compactMap(Candidate.init)
        let decided = try await decide(candidates)
        try await written()
        guard let decided else {
            doubtful += try await recognise(candidates)
            return
        }
        guard !decided.found.isEmpty else { return }
        writing = Task { [store, folder] in
            try await store.write { try $0.ledger.remap(folder.id, to: folder.epoch, decided.found) }
        }
        changes = decided.changes
        // What such a message looks like changes with it.
        if decided.found.contains(where: { $0.rewritten != nil }) { try await written() }
    }

    /// - Returns: how many of the messages only their content tells.
    func finish() async throws -> Int {
        try await written()
        return doubtful
    }

    private func written() async throws {
        let task = writing
        writing = nil
        try await task?.value
        changes = KnownMail.Changes()
    }

    private struct Decided: Sendable {
        var found: [FoundMessage] = []
        /// Of this batch alone.
        var changes = KnownMail.Changes()
    }

    /// `nil`: only rows as they are, changed one after the other, tell what these are.
    private func decide(_ candidates: [Candidate]) async throws -> Decided? {
        try await store.read { [folder, account, former, unseen = changes] transaction in
            var decided = Decided()
            var changes = unseen
            for candidate in candidates {
                let (decision, _) = try candidate.decide(
                    in: folder.id, folder.epoch, account: account, former: former, changes: changes, transaction)
                switch decision {
                case .new: break
                case .known(let row):
                    decided.found.append(candidate.found(as: row))
                    decided.changes.note(decision)
                    changes.note(decision)
                case .indistinct: return nil
                }
            }
            return decided
        }
    }

    private func recognise(_ candidates: [Candidate]) async throws -> Int {
        let now = clock.now
        return try await store.write { [folder, account, former] transaction in
            var recognition = Recognition(transaction, folder, account: account, former: former, at: now)
            for candidate in candidates { try recognition.take(candidate) }
            try recognition.finish()
            return recognition.doubtful
        }
    }
}
