import Delivery
import Diagnostics
import MailModel
import Sessions
import Store
import TestSupport
import Testing

@testable import Fetching

/// An account with a store and a Maildir of its own, and a server in memory.
final class FetchUnderTest: Sendable {
    static let start = Timestamp(seconds: 1_800_000_000)

    let temporary: TemporaryStore
    let directory: TemporaryDirectory
    let clock = TestClock(now: start)
    let server = MemoryServer()
    let recorder = EventRecorder()
    let account: Account
    let accountID: AccountID
    let settings: ReceiveSettings
    let destinations: [DestinationName: MaildirSettings]

    var store: Store { temporary.store }
    var environment: FetchingEnvironment {
        FetchingEnvironment(store: store, clock: clock, log: EventLog(recorder: recorder), hostName: "host")
    }

    /// - Parameters:
    ///   - path: the Maildir, instead of one in a temporary directory.
    ///   - owner: the account's name.
    ///   - store: one that is there already, instead of its own.
    init(
        path: String? = nil, owner: String = "anna", store: TemporaryStore? = nil,
        _ change: (inout ReceiveSettings) -> Void = { _ in }
    ) async throws {
        temporary = try store ?? TemporaryStore()
        directory = try TemporaryDirectory(prefix: "fetching")
        let name = try #require(DestinationName("mail"))
        let provider = try #require(ProviderName("test"))
        let address = "anna@example.test"
        var settings = ReceiveSettings(
            signIn: SignInSettings(provider: provider, login: address, authorizedAs: address),
            endpoint: Endpoint(host: "localhost", port: 993, tls: .implicit), deliverTo: [name])
        change(&settings)
        self.settings = settings
        destinations = [name: MaildirSettings(path: path ?? directory("mail"))]
        let account = Account(name: try #require(AccountName(owner)), address: address)
        self.account = account
        accountID = try await temporary.store.write { try $0.accounts.ensure(account.name, at: Self.start) }
    }

    // MARK: A visit

    /// One visit to a folder, on a session of its own, and what waits behind it.
    @discardableResult
    func visit(
        _ name: String = "INBOX", firstOfSession: Bool = true, plansDeletions: Bool = false,
        settings change: (inout ReceiveSettings) -> Void = { _ in }
    ) async throws -> FolderVisit.Result {
        var settings = settings
        change(&settings)
        let folder = RemoteFolder(
            serverName: name, path: FolderPath(name, delimiter: "/"), role: MemoryServer.role(of: name))
        let resolved = try destinations.map {
            try MaildirDestination($0.key, settings: $0.value, account: account, folder: folder.path)
        }
        // What an earlier visit staged is published before anything is fetched.
        _ = try await DeliveryRecovery(store: store, clock: clock).run(accountID)
        let visit = FolderVisit(
            account: account, settings: settings, accountID: accountID, folder: folder,
            remote: server.remoteFolders, afterFetch: settings.afterFetch, plansDeletions: plansDeletions,
            destinations: resolved,
            environment: environment)
        let mailbox = try await server.open()
        do {
            var result = try await visit.run(mailbox, firstOfSession: firstOfSession)
            if let backlog = result.backlog {
                let progress = BackfillProgress(left: backlog.rest.count, at: clock.now)
                let (_, more) = try await visit.backfill(backlog, progress, in: mailbox) { _ in true }
                result.delivered += more.delivered
                result.octets += more.octets
            }
            await mailbox.close()
            return result
        } catch {
            await mailbox.close()
            throw error
        }
    }

    // MARK: What came of it

    private var maildir: String { destinations.values.first?.path ?? "" }

    /// What was delivered of a folder, sorted.
    func delivered(_ subfolder: String = "") throws -> [[UInt8]] {
        let new = maildir + subfolder + "/new"
        return try Directory.names(in: new).map { try Directory.bytes(of: new + "/" + $0) }
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Nothing lost, nothing twice.
    func expectDelivered(
        _ messages: [MemoryServer.Message], in subfolder: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let expected = messages.map(\.octets).sorted { $0.lexicographicallyPrecedes($1) }
        let found = try delivered(subfolder)
        #expect(found.count == expected.count, sourceLocation: sourceLocation)
        // Not the messages themselves into the report.
        let isSame = found == expected
        #expect(isSame, sourceLocation: sourceLocation)
        let staging = Directory.names(in: maildir + subfolder + "/postbote-staging")
        #expect(staging == [], sourceLocation: sourceLocation)
    }

    func folder(_ name: String = "INBOX") async throws -> StoredFolder {
        let folder = try await store.read { [accountID] in try $0.folders.find(accountID, serverName: name) }
        return try #require(folder)
    }

    // MARK: A fetcher

    func fetcher(firstTurn: Timestamp = start) -> RunningFetcher {
        RunningFetcher(
            AccountFetcher(
                account: account, settings: settings, accountID: accountID, destinations: destinations,
                connector: server, environment: environment, firstTurn: firstTurn))
    }
}

/// A fetcher and the task that runs it, which ends with the last reference.
final class RunningFetcher: Sendable {
    let fetcher: AccountFetcher
    private let task: Task<Void, Never>

    init(_ fetcher: AccountFetcher) {
        self.fetcher = fetcher
        task = Task { await fetcher.run() }
    }

    deinit { task.cancel() }

    func cancel() { task.cancel() }

    func stop() async {
        task.cancel()
        await task.value
    }
}

/// Messages with these identities.
func messages(_ identities: some Sequence<Int>) -> [MemoryServer.Message] {
    identities.map { MemoryServer.Message($0) }
}
