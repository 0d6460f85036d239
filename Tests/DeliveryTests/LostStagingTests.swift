import Diagnostics
import Glibc
import MailModel
import Store
import TestSupport
import Testing

@testable import Delivery

/// What operators and full disks leave of staging directories.
@Suite("Staging that changes under a delivery") struct LostStagingTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private let temporary: TemporaryStore
    private let directory: TemporaryDirectory
    private let recorder = EventRecorder()
    private let account: AccountID
    private let folder: DeliveryFolder
    private let settings: [DestinationName: MaildirSettings]
    private var store: Store { temporary.store }

    init() async throws {
        let temporary = try TemporaryStore()
        let directory = try TemporaryDirectory(prefix: "lost")
        let owner = Account(name: try #require(AccountName("anna")), address: "anna@example.test")
        let (id, stored) = try await temporary.store.write { transaction in
            let id = try transaction.accounts.ensure(owner.name, at: Self.start)
            let folder = try transaction.folders.ensure(id, serverName: "INBOX")
            let begun = try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(1))
            try transaction.folders.advance(
                begun.id, epoch: begun.epoch, to: FolderMark(cursor: UID(9), uidNextSeen: UID(10), existsSeen: 9))
            return (id, begun)
        }
        let path = FolderPath(["INBOX"])
        var settings: [DestinationName: MaildirSettings] = [:]
        for name in ["one", "two"] {
            settings[try #require(DestinationName(name))] = MaildirSettings(path: directory("\(name)/{account}"))
        }
        self.settings = settings
        let destinations = try settings.sorted { $0.key.text < $1.key.text }.map {
            try MaildirDestination($0.key, settings: $0.value, account: owner, folder: path)
        }
        self.temporary = temporary
        self.directory = directory
        account = id
        folder = DeliveryFolder(
            account: owner.name, path: path, id: stored.id, epoch: stored.epoch,
            rules: CopyRules(account: stored.account, folder: stored.id, overlap: .once), destinations: destinations)
    }

    private func recovery(_ settings: [DestinationName: MaildirSettings]? = nil) -> DeliveryRecovery {
        DeliveryRecovery(
            store: store, clock: TestClock(now: Self.start), log: EventLog(recorder: recorder),
            destinations: settings ?? self.settings)
    }

    private func stage(_ number: UInt32, commits: Bool = true) async throws -> StagedMessage {
        for destination in folder.destinations { try destination.maildir.prepare() }
        let incoming = try IncomingMessage(to: folder.destinations) { "1800000000.K\($0).host" }
        try incoming.write(Array("Subject: \(number)\r\n\r\n".utf8)[...])
        let message = try incoming.finish(MessageAttributes(uid: try #require(UID(number))))
        guard commits else { return message }
        try await store.write { [folder] in
            _ = try $0.ledger.stage(folder.id, epoch: folder.epoch, [message], at: Self.start)
        }
        return message
    }

    private func state(_ number: UInt32) async throws -> LedgerState? {
        try await store.read { [folder] in
            try $0.ledger.find(folder.id, epoch: folder.epoch, uid: UID(number) ?? .max)?.state
        }
    }

    private func new(_ index: Int) -> [String] {
        Directory.names(in: folder.destinations[index].maildir.path + "/new")
    }

    @Test("a file that is gone from a staging directory that is there was published")
    func published() async throws {
        let message = try await stage(1)
        unlink(message.destinations[0].stagedName)
        #expect(try await recovery().run(account) == 2)
        #expect(try await state(1) == .delivered)
        #expect(new(0).isEmpty && new(1).count == 1)
        #expect(recorder.events(.stagingLost).isEmpty)
    }

    @Test("a message whose staging directory is gone is fetched again, and not published elsewhere before")
    func lost() async throws {
        _ = try await stage(1)
        TemporaryStore.remove(folder.destinations[0].maildir.path)
        _ = try await recovery().run(account)
        #expect(try await state(1) == nil)
        #expect(new(1).isEmpty)
        #expect(Directory.names(in: folder.destinations[1].maildir.staging).isEmpty)
        #expect(recorder.events(.stagingLost).count == 1)
        // It stands below the cursor: without a look at the whole folder nobody would find it.
        let stored = try await store.read { [folder] in try $0.folders.find(folder.id) }
        #expect(stored?.uidNextSeen == nil && stored?.existsSeen == nil)
        let owed = try await store.read { [account] in try $0.deliveries.owed(account) }
        #expect(owed.isEmpty)
    }

    @Test("a directory new that somebody removed is made again")
    func withoutNew() async throws {
        _ = try await stage(1)
        rmdir(folder.destinations[0].maildir.path + "/new")
        _ = try await recovery().run(account)
        #expect(try await state(1) == .delivered)
        #expect(new(0).count == 1 && new(1).count == 1)
    }

    /// Files cannot be renamed into a file.
    private func breakNew() throws {
        let new = folder.destinations[0].maildir.path + "/new"
        rmdir(new)
        close(open(new, O_CREAT | O_WRONLY, 0o600))
    }

    @Test("a place that cannot be written stops the account while it is configured, and delivers what else there is")
    func unwritable() async throws {
        _ = try await stage(1)
        try breakNew()
        await #expect(throws: Failure.self) { try await recovery().run(account) }
        #expect(try await state(1) == .staged)
        #expect(new(1).count == 1)
    }

    @Test("a place that cannot be written and was left by the operator stops nothing", arguments: [true, false])
    func left(isMoved: Bool) async throws {
        _ = try await stage(1)
        try breakNew()
        var changed = settings
        let one = try #require(DestinationName("one"))
        changed[one] = isMoved ? MaildirSettings(path: directory("elsewhere")) : nil
        _ = try await recovery(changed).run(account)
        #expect(try await state(1) == nil)
        #expect(recorder.events(.stagingLost).count == 1)
    }

    @Test("files whose commit failed go when it is known that no row owes them, and only then")
    func unsettled() async throws {
        let owed = try await stage(1)
        let orphan = try await stage(2, commits: false)
        let unsettled = UnsettledFiles()
        var batch = StagedBatch()
        batch.append(owed)
        batch.append(orphan)
        unsettled.add(batch)
        _ = try await recovery().run(account, unsettled: unsettled)
        #expect(try await state(1) == .delivered)
        #expect(new(0).count == 1 && new(1).count == 1)
        for destination in folder.destinations {
            #expect(Directory.names(in: destination.maildir.staging).isEmpty)
        }
        #expect(unsettled.all.isEmpty)
    }
}
