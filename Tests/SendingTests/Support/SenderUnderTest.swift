import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Sending

/// A sender with a store of its own, a clock that is moved by hand, and a server in memory.
final class SenderUnderTest: Sendable {
    static let start = Timestamp(seconds: 1_800_000_000)
    static let author = "anna@example.test"

    let temporary: TemporaryStore
    let clock: TestClock
    let server: MemorySubmission
    let recorder = EventRecorder()
    let settings: SendSettings
    let account: Account
    let accountID: AccountID
    let sender: AccountSender
    private let running = Watched<Task<Void, Never>?>(nil)

    var store: Store { temporary.store }
    private var environment: SendingEnvironment {
        SendingEnvironment(store: store, clock: clock, log: EventLog(recorder: recorder))
    }

    private init(
        _ temporary: TemporaryStore, _ clock: TestClock, _ server: MemorySubmission, _ settings: SendSettings
    ) async throws {
        let account = Account(name: try #require(AccountName("anna")), address: Self.author)
        let accountID = try await temporary.store.write { [now = clock.now] in
            try $0.accounts.ensure(account.name, at: now)
        }
        self.temporary = temporary
        self.clock = clock
        self.server = server
        self.settings = settings
        self.account = account
        self.accountID = accountID
        sender = AccountSender(
            account: account, settings: settings, accountID: accountID, connector: server,
            environment: SendingEnvironment(
                store: temporary.store, clock: clock, log: EventLog(recorder: recorder)))
    }

    deinit { running.value?.cancel() }

    /// Ready to be run.
    static func make(_ change: (inout SendSettings) -> Void = { _ in }) async throws -> SenderUnderTest {
        let provider = try #require(ProviderName("test"))
        var settings = SendSettings(
            signIn: SignInSettings(provider: provider, login: author, authorizedAs: author),
            endpoint: Endpoint(host: "localhost", port: 587, tls: .starttls), from: [author])
        change(&settings)
        return try await SenderUnderTest(TemporaryStore(), TestClock(now: start), MemorySubmission(), settings)
    }

    /// The same state, server and time in a process that has just begun.
    func restarted() async throws -> SenderUnderTest {
        await stop()
        return try await SenderUnderTest(temporary, clock, server, settings)
    }

    // MARK: Running

    func run() { running.update { [sender] in $0 = Task { await sender.run() } } }

    func cancel() { running.value?.cancel() }

    /// Ends the sender, after what it has to end itself; everything is written down then.
    func stop() async {
        cancel()
        await running.value?.value
    }

    /// Returns when the sender has nothing to do at present. Only where it did not sleep before.
    func idle() async throws { try await clock.sleepers() }

    /// Lets time pass, from one moment at which the sender wants to wake to the next, until `condition` holds.
    func pass(
        until what: String, _ condition: @escaping @Sendable (MemorySubmission.State) -> Bool
    ) async throws {
        while !condition(server.state.value) {
            try await withThrowingTaskGroup(of: Void.self) { [server, clock] group in
                group.addTask { try await server.state.wait(for: what, until: condition) }
                group.addTask { try await clock.sleepers() }
                try await group.next()
                group.cancelAll()
            }
            if !condition(server.state.value) { try await clock.advanceToNextDeadline() }
        }
    }

    func pass(untilSubmissions count: Int) async throws {
        try await pass(until: "\(count) submissions") { $0.submissions.count >= count }
    }

    // MARK: The queue

    var intake: Intake {
        Intake(account: account, settings: settings, accountID: accountID, environment: environment)
    }

    static func text(_ subject: String) -> String { "From: \(author)\r\nSubject: \(subject)\r\n\r\nHello.\r\n" }

    @discardableResult
    func accept(
        _ text: String = text("x"), to recipients: [String] = ["b@example.org"],
        change: (inout Intake.Request) -> Void = { _ in }
    ) async throws -> Receipt {
        var request = Intake.Request(recipients: recipients.compactMap { MailAddress($0) })
        change(&request)
        let content = AsyncThrowingStream<[UInt8], any Error> { stream in
            // In two pieces, as a socket would.
            let octets = Array(text.utf8)
            stream.yield(Array(octets.prefix(octets.count / 2)))
            stream.yield(Array(octets.dropFirst(octets.count / 2)))
            stream.finish()
        }
        return try await intake.accept(request, content: content)
    }

    func message(_ id: QueueID) async throws -> QueuedMessage {
        try #require(try await store.read { try $0.queue.find(id) })
    }

    func recipients(_ id: QueueID) async throws -> [RecipientState] {
        try await store.read { try $0.queue.recipients(id).map(\.state) }
    }

    func parking() async throws -> StoredAccount.Parking {
        let stored = try await store.read { [accountID] in try $0.accounts.find(accountID) }
        return try #require(stored).parking
    }
}
