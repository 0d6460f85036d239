import Diagnostics
import Glibc
import MailModel
import Store
import TestSupport
import Testing

@testable import Delivery

/// A folder of an account whose mail is delivered: a store, Maildirs in a temporary directory, a clock moved by hand.
struct DeliveryUnderTest {
    static let start = Timestamp(seconds: 1_800_000_000)

    let temporary: TemporaryStore
    let directory: TemporaryDirectory
    let clock = TestClock(now: start)
    let recorder = EventRecorder()
    let account: Account
    let accountID: AccountID
    let stored: StoredFolder
    let destinations: [MaildirDestination]

    var store: Store { temporary.store }

    /// - Parameter paths: the Maildirs; names in the temporary directory, or whole paths.
    init(_ paths: String..., mode: UInt32 = 0o600, group: String? = nil) async throws {
        temporary = try TemporaryStore()
        let directory = try TemporaryDirectory(prefix: "delivery")
        self.directory = directory
        let account = Account(name: try #require(AccountName("anna")), address: "anna@example.test")
        self.account = account
        (accountID, stored) = try await temporary.store.write { transaction in
            let id = try transaction.accounts.ensure(account.name, at: Self.start)
            let folder = try transaction.folders.ensure(id, serverName: "INBOX")
            return (id, try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(1)))
        }
        destinations = try (paths.isEmpty ? ["mail"] : paths).enumerated().map { index, path in
            let settings = MaildirSettings(
                path: path.hasPrefix("/") ? path : directory(path), group: group, mode: mode)
            return try MaildirDestination(
                try #require(DestinationName("d\(index)")), settings: settings, account: account,
                folder: FolderPath(["INBOX"]))
        }
    }

    var folder: DeliveryFolder {
        DeliveryFolder(
            account: account.name, path: FolderPath(["INBOX"]), id: stored.id, epoch: stored.epoch,
            rules: CopyRules(account: accountID, folder: stored.id, overlap: .once), destinations: destinations)
    }

    func pipeline() -> DeliveryPipeline {
        DeliveryPipeline(
            folder: folder, store: store, clock: clock, log: EventLog(recorder: recorder), hostName: "host")
    }

    var recovery: DeliveryRecovery { DeliveryRecovery(store: store, clock: clock) }

    // MARK: Messages

    static func octets(_ number: Int) -> [UInt8] {
        Array("Message-ID: <\(number)@example.org>\r\nSubject: \(number)\r\n\r\nHello \(number).\r\n".utf8)
    }

    static func pieces(_ number: Int) -> [MessagePiece] {
        let octets = octets(number)
        return [
            .begin, .bytes(octets[..<10]), .bytes(octets[10...]),
            .end(MessageAttributes(uid: UID(UInt32(number))!)),
        ]
    }

    /// Writes a message into every destination's staging, as far as the first step goes, and returns what a row says of
    /// it.
    func stage(_ number: Int) throws -> StagedMessage {
        for destination in destinations { try destination.maildir.prepare() }
        let incoming = try IncomingMessage(to: destinations) { [store] in "1800000000.K\($0).S\(store.mark).host" }
        try incoming.write(Self.octets(number)[...])
        return try incoming.finish(MessageAttributes(uid: UID(UInt32(number))!))
    }

    func commitRows(_ messages: [StagedMessage]) async throws {
        try await store.write { [stored] in
            try $0.ledger.stage(stored.id, epoch: stored.epoch, messages, at: Self.start)
        }
    }

    // MARK: What came of it

    func staged(_ index: Int = 0) -> [String] { Directory.names(in: destinations[index].maildir.staging) }
    func published(_ index: Int = 0) -> [String] { Directory.names(in: destinations[index].maildir.path + "/new") }

    func contents(_ index: Int = 0) throws -> Set<[UInt8]> {
        let new = destinations[index].maildir.path + "/new/"
        return Set(try published(index).map { try Directory.bytes(of: new + $0) })
    }

    func state(_ number: Int) async throws -> LedgerState? {
        try await store.read { [stored] in
            try $0.ledger.find(stored.id, epoch: stored.epoch, uid: UID(UInt32(number))!)?.state
        }
    }

    func owed() async throws -> [OwedDelivery] {
        try await store.read { [accountID] in try $0.deliveries.owed(accountID) }
    }
}

/// What stat(2) says of a path.
struct FileFacts: Equatable {
    var mode: UInt32
    var group: UInt32
    var device: UInt
    var inode: UInt

    init(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemError("lstat", path: path) }
        mode = status.st_mode & 0o7777
        group = status.st_gid
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
    }
}
