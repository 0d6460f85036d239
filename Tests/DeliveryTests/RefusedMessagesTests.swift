import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Delivery

/// What is not delivered although it came.
@Suite("A message that is not delivered although it came") struct RefusedMessagesTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private let temporary: TemporaryStore
    private let directory: TemporaryDirectory
    private let folder: DeliveryFolder
    private var maildir: Maildir { folder.destinations[0].maildir }

    init() async throws {
        let temporary = try TemporaryStore()
        let directory = try TemporaryDirectory(prefix: "refused")
        let owner = Account(name: try #require(AccountName("anna")), address: "anna@example.test")
        let stored = try await temporary.store.write { transaction in
            let id = try transaction.accounts.ensure(owner.name, at: Self.start)
            let folder = try transaction.folders.ensure(id, serverName: "INBOX")
            return try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(1))
        }
        let path = FolderPath(["INBOX"])
        let destination = try MaildirDestination(
            try #require(DestinationName("mail")), settings: MaildirSettings(path: directory("mail")), account: owner,
            folder: path)
        self.temporary = temporary
        self.directory = directory
        folder = DeliveryFolder(
            account: owner.name, path: path, id: stored.id, epoch: stored.epoch,
            rules: CopyRules(account: stored.account, folder: stored.id, overlap: .once), destinations: [destination])
    }

    private func deliver(_ messages: [(uid: UInt32, text: String)]) async throws -> DeliveryPipeline.Outcome {
        let pipeline = DeliveryPipeline(
            folder: folder, store: temporary.store, clock: TestClock(now: Self.start), log: .silent, hostName: "host")
        try await pipeline.take(
            messages.flatMap { uid, text -> [MessagePiece] in
                let uid = UID(uid) ?? .max
                return [.begin, .bytes(Array(text.utf8)[...]), .end(MessageAttributes(uid: uid))]
            })
        let outcome = try await pipeline.finish()
        await pipeline.discardRest()
        return outcome
    }

    private func delivered() throws -> [String] {
        try Directory.names(in: maildir.path + "/new").map {
            String(decoding: try Directory.bytes(of: maildir.path + "/new/" + $0), as: UTF8.self)
        }.sorted()
    }

    private static let note =
        "From: \"Microsoft Exchange Server\"\r\nSubject: Retrieval using the IMAP4 protocol failed for the following\r\n"
        + " message: 4711\r\n\r\nThe server couldn't retrieve the following message.\r\n"

    @Test("is Exchange's note in place of one that it cannot render")
    func stub() async throws {
        let outcome = try await deliver([(1, "Subject: a\r\n\r\n"), (2, Self.note), (3, "Subject: b\r\n\r\n")])
        #expect(outcome.stubs.description == "2")
        #expect(outcome.arrived.description == "1,3")
        #expect(outcome.delivered == 2)
        #expect(try delivered() == ["Subject: a\r\n\r\n", "Subject: b\r\n\r\n"])
        #expect(Directory.names(in: maildir.staging).isEmpty)
    }

    @Test(
        "is not one that only looks a little like that note",
        arguments: [
            note.replacing("Microsoft Exchange Server", with: "Anna"),
            note.replacing("Retrieval", with: "Fw: Retrieval"), note.replacing("IMAP4 protocol", with: "crane"),
        ])
    func noStub(text: String) async throws {
        #expect(try await deliver([(1, text)]).delivered == 1)
        #expect(try delivered() == [text])
    }

    @Test("is one that came before, in the same batch or another", arguments: [3, 450])
    func twice(count: UInt32) async throws {
        let messages = (1...count).map { (uid: $0, text: "Subject: \($0)\r\n\r\n") }
        let outcome = try await deliver(messages + [(1, "Subject: again\r\n\r\n"), (2, "Subject: again\r\n\r\n")])
        #expect(outcome.delivered == Int(count))
        #expect(try !delivered().contains("Subject: again\r\n\r\n"))
        #expect(Directory.names(in: maildir.staging).isEmpty)
    }
}
