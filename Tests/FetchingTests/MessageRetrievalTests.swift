import Delivery
import Diagnostics
import Glibc
import MailModel
import Sessions
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("Messages that a server lists and does not give") struct MessageRetrievalTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private let temporary: TemporaryStore
    private let directory: TemporaryDirectory
    private let clock = TestClock(now: start)
    private let server = ListedMailbox()
    private let recorder = EventRecorder()
    private let account: Account
    private let accountID: AccountID
    private let settings: ReceiveSettings
    private let destination: DestinationName

    private var environment: FetchingEnvironment {
        FetchingEnvironment(
            store: temporary.store, clock: clock, log: EventLog(recorder: recorder), hostName: "host")
    }

    init() async throws {
        temporary = try TemporaryStore()
        directory = try TemporaryDirectory(prefix: "retrieval")
        let name = try #require(DestinationName("mail"))
        destination = name
        let address = "anna@example.test"
        let signIn = SignInSettings(
            provider: try #require(ProviderName("test")), login: address, authorizedAs: address)
        settings = ReceiveSettings(
            signIn: signIn, endpoint: Endpoint(host: "localhost", port: 993, tls: .implicit), deliverTo: [name])
        let account = Account(name: try #require(AccountName("anna")), address: address)
        self.account = account
        accountID = try await temporary.store.write { try $0.accounts.ensure(account.name, at: Self.start) }
    }

    @discardableResult
    private func visit(
        firstOfSession: Bool = false, _ change: (inout ReceiveSettings) -> Void = { _ in }
    ) async throws -> FolderVisit.Result {
        var settings = settings
        change(&settings)
        let path = FolderPath(["INBOX"])
        let maildir = MaildirSettings(path: directory("mail"))
        let resolved = try MaildirDestination(destination, settings: maildir, account: account, folder: path)
        let visit = FolderVisit(
            account: account, settings: settings, accountID: accountID,
            folder: RemoteFolder(serverName: "INBOX", path: path, role: .inbox),
            remote: [RemoteFolder(serverName: "INBOX", path: path, role: .inbox)],
            destinations: [resolved], environment: environment)
        return try await visit.run(server.open(), firstOfSession: firstOfSession)
    }

    /// UIDs of what was delivered, in the order of the UIDs; the text of a message ends with its UID.
    private func delivered() throws -> [String] {
        let new = directory("mail/new")
        return try Directory.names(in: new).map { name in
            let text = String(decoding: try Directory.bytes(of: "\(new)/\(name)"), as: UTF8.self)
            return String(text.split(separator: "\r\n").last ?? "")
        }.sorted()
    }

    private func obstacles() async throws -> [Obstacle] {
        try await temporary.store.read { [accountID] in try $0.obstacles.all(accountID) }
    }

    private func state(_ uid: UInt32) async throws -> LedgerState? {
        try await temporary.store.read { [accountID] transaction in
            guard let folder = try transaction.folders.find(accountID, serverName: "INBOX") else { return nil }
            return try transaction.ledger.find(folder.id, epoch: folder.epoch, uid: UID(uid) ?? .max)?.state
        }
    }

    @Test(
        "do not keep those behind them waiting when a fetch is refused, and are tried alone, then more and more rarely"
    )
    func refused() async throws {
        server.change(1...6, .given)
        server.change(3...3, .refused)
        #expect(try await visit().open == 1)
        #expect(try delivered() == ["1", "2", "4", "5", "6"])
        #expect(server.requests() == ["look", "fetch 1:6", "fetch 4:6"])
        #expect(try await state(3) == .deferred)
        // Alone, after what is new.
        server.change(7...7, .given)
        try await visit()
        #expect(server.requests() == ["look", "fetch 7", "fetch 3"])
        #expect(try await obstacles().map(\.attempts) == [2])
        #expect(try await obstacles().first?.nextAttempt == Self.start + .seconds(900))
        // Not before its time, and no look is needed meanwhile.
        try await visit()
        #expect(server.requests() == [])
        clock.advance(by: .seconds(900))
        server.change(3...3, .given)
        #expect(try await visit().delivered == 1)
        #expect(server.requests() == ["look", "fetch 3"])
        #expect(try await obstacles().isEmpty)
        #expect(try delivered() == ["1", "2", "3", "4", "5", "6", "7"])
        #expect(recorder.events(.fetchDeferred).map(\.severity) == [.info, .warning])
    }

    @Test("do not stop an account when the connection breaks at them")
    func breaks() async throws {
        server.change(1...6, .given)
        server.change(3...3, .breaks)
        await #expect(throws: Failure.self) { try await visit() }
        #expect(try delivered() == ["1", "2"])
        await #expect(throws: Failure.self) { try await visit(firstOfSession: true) }
        #expect(server.requests() == ["look", "fetch 1:6", "look", "fetch 4:6", "fetch 3"])
        #expect(try delivered() == ["1", "2", "4", "5", "6"])
        // A network breaks more often than a message does: it has some more tries.
        for _ in 0..<3 {
            await #expect(throws: Failure.self) { try await visit(firstOfSession: true) }
            #expect(server.requests() == ["look", "fetch 3"])
        }
        #expect(try await visit(firstOfSession: true).open == 0)
        #expect(server.requests() == ["look"])
        #expect(try await state(3) == .deferred)
    }

    @Test("are looked for again when the server said OK without them")
    func withheld() async throws {
        server.change(1...4, .given)
        server.change(2...3, .withheld)
        #expect(try await visit().open == 2)
        #expect(try await visit().open == 2)
        #expect(try await visit().open == 2)
        #expect(server.requests() == ["look", "fetch 1:4", "look", "fetch 2:3", "look", "fetch 2:3"])
        try await visit()
        #expect(server.requests() == [])
        clock.advance(by: .seconds(900))
        server.change(2...2, .given)
        // Removed, as the look shows.
        server.remove(3)
        #expect(try await visit().delivered == 1)
        #expect(server.requests() == ["look", "fetch 2"])
        #expect(try delivered() == ["1", "2", "4"])
        #expect(try await state(3) == .gone)
        #expect(try await obstacles().isEmpty)
        try await visit()
        #expect(server.requests() == [])
    }

    @Test("are not confused with Exchange's note in their place")
    func stub() async throws {
        server.change(1...3, .given)
        server.change(2...2, .stub)
        #expect(try await visit().open == 1)
        #expect(try delivered() == ["1", "3"])
        server.change(2...2, .given)
        #expect(try await visit().delivered == 1)
        #expect(try delivered() == ["1", "2", "3"])
    }

    @Test("are not blamed for a server that wants a pause")
    func throttled() async throws {
        server.change(1...4, .given)
        server.change(2...2, .throttled)
        await #expect(throws: Failure.self) { try await visit() }
        #expect(try await obstacles().isEmpty)
        #expect(try delivered() == ["1"])
    }

    @Test("are not blamed for a disk that takes nothing")
    func diskInTheWay() async throws {
        close(open(directory("mail"), O_CREAT | O_WRONLY, 0o600))
        server.change(1...4, .given)
        await #expect(throws: Failure.self) { try await visit() }
        #expect(try await obstacles().isEmpty)
    }

    @Test("are not all written down when a server refuses everything")
    func refusesAll() async throws {
        server.change(1...100, .refused)
        await #expect(throws: Failure.self) { try await visit() }
        #expect(try await obstacles().count == Limits.refusalsInARow)
    }

    @Test("are new mail under another UIDVALIDITY")
    func moved() async throws {
        server.change(1...3, .given)
        server.change(2...2, .withheld)
        try await visit()
        server.state.update { $0.uidValidity = 8 }
        server.change(2...2, .given)
        #expect(try await visit(firstOfSession: true).delivered == 1)
        #expect(try delivered() == ["1", "2", "3"])
        #expect(try await obstacles().isEmpty)
    }

    @Test("are fetched when max_message_size lets them")
    func limitRaised() async throws {
        server.change(1...3, .given)
        server.state.update {
            $0.texts[UID(2) ?? .max] = ListedMailbox.text(.min) + String(repeating: "x", count: 500)
        }
        #expect(try await visit { $0.maxMessageSize = 400 }.tooLarge == 1)
        #expect(server.requests() == ["look", "describe 1:3 size", "describe 2 identity", "fetch 1,3"])
        try await visit(firstOfSession: true) { $0.maxMessageSize = 450 }
        #expect(try delivered().count == 2)
        #expect(try await visit(firstOfSession: true) { $0.maxMessageSize = 1_000 }.delivered == 1)
        #expect(try await state(2) == .delivered)
    }

    @Test("by date are left out where a server cannot search by date, until since lets them")
    func tooOld() async throws {
        server.state.update { $0.findsByDate = false }
        server.change(1...6, .given)
        // 4 November 2026; a day more is taken.
        let since = Timestamp(seconds: 1_793_750_400)
        #expect(try await visit { $0.since = since }.delivered == 4)
        #expect(try delivered() == ["3", "4", "5", "6"])
        #expect(server.requests() == ["look", "describe 1:6 identity", "fetch 3:6"])
        try await visit { $0.since = since }
        #expect(server.requests() == [])
        #expect(try await visit(firstOfSession: true) { $0.since = since - .seconds(86_400) }.delivered == 1)
        #expect(try await visit(firstOfSession: true).delivered == 1)
        #expect(try delivered() == ["1", "2", "3", "4", "5", "6"])
    }

    @Test("and a search that finds nothing do not end the recognition of known mail")
    func emptySearch() async throws {
        server.change(1...3, .given)
        try await visit()
        server.state.update { state in
            state.uidValidity = 8
            state.findsNothing = true
        }
        #expect(try await visit(firstOfSession: true) { $0.since = Self.start }.delivered == 0)
        server.state.update { $0.findsNothing = false }
        #expect(try await visit(firstOfSession: true) { $0.since = Self.start }.delivered == 0)
        #expect(try delivered() == ["1", "2", "3"])
    }

    @Test("do not hide folders that were made while a session lasts")
    func newFolders() async throws {
        server.change(1...1, .given)
        var settings = settings
        settings.folders = [FolderSettings(selector: .pattern("*"))]
        settings.foldersOverlap = .each
        let fetcher = AccountFetcher(
            account: account, settings: settings, accountID: accountID,
            destinations: [destination: MaildirSettings(path: directory("mail"))], connector: server,
            environment: environment, firstTurn: Self.start + .seconds(1_000_000))
        let task = Task { await fetcher.run() }
        _ = try await fetcher.fetch()
        server.state.update { $0.folders.append("Neu") }
        _ = try await fetcher.fetch()
        #expect(server.requests().count { $0 == "list" } == 2)
        #expect(Directory.names(in: directory("mail/.Neu/new")).count == 1)
        task.cancel()
        await task.value
    }

    // MARK: Quarantine

    /// Visits until the message was asked for as often as it is.
    private func exhaust() async throws {
        for _ in 0..<9 {
            try await visit(firstOfSession: true)
            clock.advance(by: .seconds(86_400))
        }
    }

    private func retry(_ obstacle: Obstacle) async throws -> Bool {
        let now = clock.now
        return try await temporary.store.write { try $0.obstacles.retry(obstacle.message, at: now) }
    }

    private func fetcher() -> RunningFetcher {
        RunningFetcher(
            AccountFetcher(
                account: account, settings: settings, accountID: accountID,
                destinations: [destination: MaildirSettings(path: directory("mail"))], connector: server,
                environment: environment, firstTurn: Self.start + .seconds(1_000_000_000)))
    }

    @Test("step aside when they were asked for often enough, and the others go on", arguments: [true, false])
    func quarantined(isStub: Bool) async throws {
        server.change(1...3, .given)
        server.change(2...2, isStub ? .stub : .withheld)
        try await exhaust()
        let obstacle = try #require(try await obstacles().first)
        #expect(obstacle.state == .quarantined)
        #expect(obstacle.attempts == 8)
        #expect(obstacle.nextAttempt == nil)
        #expect(recorder.events(.messageQuarantined).count == 1)
        #expect(try delivered() == ["1", "3"])
        // Nothing of it is asked for any more, and what was given in its place is kept.
        _ = server.requests()
        server.change(4...4, .given)
        try await visit(firstOfSession: true)
        #expect(server.requests() == ["look", "fetch 4"])
        #expect((obstacle.file != nil) == isStub)
        if let file = obstacle.file {
            let text = try Directory.text(of: temporary.store.quarantine.path(of: file))
            #expect(text.contains("Retrieval using the IMAP4 protocol failed"))
        }
        #expect(Directory.names(in: directory("mail/postbote-staging")) == [])
    }

    @Test("are asked for again when an operator says so, and leave quarantine when they are given")
    func retried() async throws {
        server.change(1...2, .given)
        server.change(2...2, .stub)
        try await exhaust()
        let obstacle = try #require(try await obstacles().first)
        server.change(2...2, .given)
        #expect(try await retry(obstacle))
        try await visit(firstOfSession: true)
        #expect(try await obstacles().isEmpty)
        #expect(try delivered() == ["1", "2"])
        #expect(try await !retry(obstacle))
    }

    @Test("are delivered as the server gave them when an operator says so")
    func delivers() async throws {
        server.change(1...2, .given)
        server.change(2...2, .stub)
        try await exhaust()
        let obstacle = try #require(try await obstacles().first)
        let folder = try await temporary.store.read { [accountID] in
            try $0.folders.find(accountID, serverName: "INBOX")
        }
        let running = fetcher()
        try await running.fetcher.deliver(obstacle, in: try #require(folder))
        await running.stop()
        #expect(try await obstacles().isEmpty)
        #expect(try await state(2) == .delivered)
        #expect(Directory.names(in: directory("mail/new")).count == 2)
    }

    @Test("are given up when an operator says so")
    func dropped() async throws {
        server.change(1...2, .given)
        server.change(2...2, .withheld)
        try await exhaust()
        let obstacle = try #require(try await obstacles().first)
        let now = clock.now
        let dropped = try await temporary.store.write {
            try $0.obstacles.drop(obstacle.message, reason: "dropped", at: now)
        }
        #expect(dropped == obstacle)
        #expect(try await state(2) == .gone)
        _ = server.requests()
        try await visit(firstOfSession: true)
        #expect(server.requests() == ["look"])
    }
}
