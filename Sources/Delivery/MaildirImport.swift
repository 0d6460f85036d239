import Diagnostics
import MailModel
import Store

/// Learns from the files of a Maildir what was delivered before, so that the next visit to the mailbox recognises it.
///
/// As many messages are known afterwards as there are files, however often it runs: a file is held against the rows that
/// have its delivery key or its content, each row standing for one file. What it holds in memory is two numbers a file.
public actor MaildirImport {
    /// What came of one folder.
    public struct Folder: Hashable, Sendable {
        /// Below the path; empty: the path itself.
        public var directory: String
        /// The name under which its mail is known.
        public var serverName: String
        public var files = 0
        /// Written down as delivered.
        public var learned = 0
        /// In the ledger already.
        public var known = 0
        public var unreadable = 0
    }

    public struct Outcome: Sendable {
        public var folders: [Folder] = []
        /// The first of the files that could not be read.
        public var unreadable: [Failure] = []
    }

    private let disk = DiskQueue("postbote.delivery.import")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { disk.asUnownedSerialExecutor() }

    private let store: Store
    private let clock: any WallClock
    private let account: Account
    private let accountID: AccountID
    private let folders: [KnownFolder]
    private let dryRun: Bool
    private var claimed: Set<LedgerID> = []
    private var outcome = Outcome()

    /// A folder that the ledger knows, and where it is for people and paths.
    public struct KnownFolder: Sendable {
        public var serverName: String
        public var path: FolderPath

        public init(serverName: String, path: FolderPath) {
            self.serverName = serverName
            self.path = path
        }
    }

    /// - Parameters:
    ///   - folders: those that the ledger knows.
    ///   - dryRun: nothing is written down.
    public init(
        store: Store, clock: any WallClock, account: Account, id: AccountID, folders: [KnownFolder],
        dryRun: Bool = false
    ) {
        self.store = store
        self.clock = clock
        self.account = account
        accountID = id
        self.folders = folders
        self.dryRun = dryRun
    }

    /// - Parameters:
    ///   - path: a Maildir, with or without the subfolders of a Maildir++.
    ///   - folder: the server's name of the folder whose mail is at `path`, which is then read without subfolders;
    ///     `nil`: INBOX.
    ///   - spelling: how a server writes a name that people read.
    /// - Throws: `Failure` when there is no Maildir, or it cannot be read at all; `CancellationError` between two files, or
    ///   in the middle of one. What was learned until then stays, and the next run goes on there.
    public func run(
        _ path: String, folder: String? = nil, spelling: @Sendable (String) -> String = { $0 }
    ) async throws -> Outcome {
        var directories = try MaildirScan.folders(at: path)
        if folder != nil { directories = directories.filter(\.isEmpty) }
        guard !directories.isEmpty else {
            throw Failure(
                .folder, .whenReconfigured(by: .operatorOfPostbote), operation: "import maildir",
                reason: "\(path) is not a Maildir: it has neither `cur` nor `new`.", place: ["path": path])
        }
        for directory in directories {
            // INBOX comes first: where a mail is in several folders, its row is the first that is looked at.
            let name =
                directory.isEmpty
                ? folder ?? "INBOX" : knownName(of: directory, at: path) ?? spelling(String(directory.dropFirst()))
            outcome.folders.append(Folder(directory: directory, serverName: name))
            try await read(directory.isEmpty ? path : path + "/" + directory)
        }
        return outcome
    }

    /// The folder whose mail is delivered into this directory. Where none is known, mail is known under the directory's
    /// name; if the server has no folder of that name, it is looked for in all of them.
    private func knownName(of directory: String, at path: String) -> String? {
        folders.first { folder in
            MaildirLayout.path(template: path, account: account, folder: folder.path).path == path + "/" + directory
        }?.serverName
    }

    private func read(_ maildir: String) async throws {
        let scan = MaildirScan(maildir)
        for _ in 0..<Limits.importPasses {
            scan.begin()
            var isNews = false
            var batch: [ImportedMessage] = []
            while let file = try scan.next() {
                try Task.checkCancellation()
                isNews = true
                do {
                    guard let message = try DeliveredFile.read(file) else { continue }
                    batch.append(message)
                } catch let failure as Failure {
                    note(failure)
                }
                scan.note(file)
                guard batch.count == Limits.importedAtOnce else { continue }
                try await learn(batch)
                batch.removeAll(keepingCapacity: true)
            }
            try await learn(batch)
            guard isNews else { return }
        }
    }

    private func note(_ failure: Failure) {
        outcome.folders[outcome.folders.count - 1].files += 1
        outcome.folders[outcome.folders.count - 1].unreadable += 1
        if outcome.unreadable.count < Limits.unreadableFilesNamed { outcome.unreadable.append(failure) }
    }

    private func learn(_ messages: [ImportedMessage]) async throws {
        guard !messages.isEmpty else { return }
        let candidates = try await store.read { [accountID] transaction in
            try messages.map { try transaction.ledger.candidates(for: $0, of: accountID) }
        }
        let new = zip(messages, candidates).filter { !claim($0.1) }.map(\.0)
        let index = outcome.folders.count - 1
        outcome.folders[index].files += messages.count
        outcome.folders[index].known += messages.count - new.count
        outcome.folders[index].learned += new.count
        guard !dryRun, !new.isEmpty else { return }
        let name = outcome.folders[index].serverName
        let now = clock.now
        let ids = try await store.write { [accountID] transaction in
            let folder =
                try transaction.folders.find(accountID, serverName: name)
                ?? transaction.folders.ensure(accountID, serverName: name)
            return try transaction.ledger.learn(folder.id, new, at: now)
        }
        claimed.formUnion(ids)
    }

    /// Takes the first of the rows that no other file stands for.
    private func claim(_ rows: [LedgerID]) -> Bool {
        guard let row = rows.first(where: { !claimed.contains($0) }) else { return false }
        claimed.insert(row)
        return true
    }
}
