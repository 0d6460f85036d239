import Diagnostics
import MailModel
import Store

/// Recognises present messages of a folder, batch by batch: while some batches are written, the next is decided, and the
/// headers of the one behind that are being read.
///
/// Most messages alone have their identity. Which row that is, is guessed from what memory holds of the folder, and seen when
/// the row is changed; all others are held against the rows that may be theirs.
actor Recogniser {
    private let store: Store
    private let clock: any WallClock
    private let folder: StoredFolder
    private let account: AccountID
    private let former: Set<FolderID>
    /// Messages that only their content tells.
    private var doubtful = 0
    /// What is being written, the oldest first: whoever reads meanwhile may not see it yet.
    private var writing: [(task: Task<Written, any Error>, changes: KnownMail.Changes)] = []
    /// Read while the server prepares its first answers.
    private var reading: Task<KnownIdentities?, any Error>?
    private var identities: KnownIdentities?

    /// - Parameters:
    ///   - expected: how many messages are to be recognised, as far as is known.
    ///   - allowance: the memory for what is known of the folder.
    init(
        store: Store, clock: any WallClock, folder: StoredFolder, account: AccountID, former: Set<FolderID>,
        expected: Int, allowance: IdentityAllowance
    ) {
        self.store = store
        self.clock = clock
        self.folder = folder
        self.account = account
        self.former = former
        reading = Task { try await KnownIdentities.read(store, folder, former: former, for: expected, allowance) }
    }

    func take(_ summaries: [MessageSummary]) async throws {
        try await read()
        let candidates = summaries.compactMap(Candidate.init)
        let batch = sort(candidates)
        var decided = try await decide(batch)
        // What was written otherwise than had been decided, was not known here.
        if try await !written(butFor: Limits.batchesWritten - 1) {
            try await written()
            decided = try await decide(batch)
        }
        guard let decided else {
            try await written()
            doubtful += try await recognise(candidates)
            return
        }
        guard !decided.found.isEmpty || !batch.guessed.isEmpty else { return }
        writing.append((Task { try await write(batch.guessed, decided.found) }, decided.changes))
        // What such a message looks like changes with it.
        if decided.found.contains(where: { $0.rewritten != nil }) { try await written() }
    }

    /// - Returns: how many of the messages only their content tells.
    func finish() async throws -> Int {
        reading?.cancel()
        _ = try? await reading?.value
        reading = nil
        var failure: (any Error)?
        while !writing.isEmpty {
            do { try await written() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return doubtful
    }

    private func read() async throws {
        guard let reading else { return }
        identities = try await reading.value
        self.reading = nil
    }

    /// Returns when no more batches than `count` are being written.
    ///
    /// - Returns: whether all was written as it had been decided.
    @discardableResult
    private func written(butFor count: Int = 0) async throws -> Bool {
        var isAsDecided = true
        while writing.count > count {
            let written = try await writing.removeFirst().task.value
            doubtful += written.doubtful
            if !written.isAsDecided { isAsDecided = false }
        }
        return isAsDecided
    }

    // MARK: Deciding

    /// Messages that are to be recognised together.
    private struct Batch: Sendable {
        var guessed: [(candidate: Candidate, id: LedgerID)] = []
        var others: [Candidate] = []
    }

    private func sort(_ candidates: [Candidate]) -> Batch {
        var batch = Batch()
        for candidate in candidates {
            if let identity = candidate.guessedBy, let id = identities?.take(identity) {
                batch.guessed.append((candidate, id))
            } else {
                batch.others.append(candidate)
            }
        }
        return batch
    }

    private struct Decided: Sendable {
        var found: [FoundMessage] = []
        /// Of this batch alone.
        var changes = KnownMail.Changes()
    }

    /// `nil`: only rows as they are, changed one after the other, tell what these are.
    private func decide(_ batch: Batch) async throws -> Decided? {
        var decided = Decided()
        decided.changes.taken = Set(batch.guessed.lazy.map(\.id))
        guard !batch.others.isEmpty else { return decided }
        let unseen = writing.reduce(into: decided.changes) { $0.taken.formUnion($1.changes.taken) }
        return try await store.read { [folder, account, former, decided] transaction in
            var decided = decided
            var changes = unseen
            for candidate in batch.others {
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

    // MARK: Writing

    private struct Written: Sendable {
        var isAsDecided = true
        /// Messages that only their content tells.
        var doubtful = 0
    }

    private func write(
        _ guessed: [(candidate: Candidate, id: LedgerID)], _ found: [FoundMessage]
    ) async throws -> Written {
        let now = clock.now
        return try await store.write { [folder, account, former] transaction in
            if !found.isEmpty { try transaction.ledger.remap(folder.id, to: folder.epoch, found) }
            let guesses = guessed.map {
                GuessedMessage(id: $0.id, uid: $0.candidate.uid, traits: $0.candidate.traits)
            }
            let others = Set(try transaction.ledger.place(folder.id, in: folder.epoch, guesses))
            guard !others.isEmpty else { return Written() }
            var recognition = Recognition(transaction, folder, account: account, former: former, at: now)
            for (candidate, _) in guessed where others.contains(candidate.uid) { try recognition.take(candidate) }
            try recognition.finish()
            return Written(isAsDecided: false, doubtful: recognition.doubtful)
        }
    }

    /// - Returns: how many of the messages only their content tells.
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
