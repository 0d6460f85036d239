import Operations
import TestSupport
import Testing

/// An account whose mailbox is moved, on a real server, and all that ever arrived in it.
final class MovedAccount {
    static let user = ServiceUnderTest.user

    let service: ServiceUnderTest
    private(set) var daemon: ChildProcess
    /// What arrived, by folder.
    private(set) var arrived: [String: [ComposedMessage]] = [:]
    private let receive: String
    private var nextToken = 1
    private var hosts = 0

    var dovecot: DovecotServer { service.dovecot }

    /// A service that is signed in and has fetched nothing yet.
    ///
    /// - Parameters:
    ///   - folders: of the server, besides those that it makes itself.
    ///   - receive: what stands between the braces of `receive:`.
    init(folders: [String] = [], receive: String = "folders: [INBOX, Archive]") async throws {
        self.receive = receive
        service = try await ServiceUnderTest.start()
        for folder in folders { try await service.dovecot.createFolder(folder, of: Self.user) }
        try service.configure(receive: receive, send: "enabled: false")
        daemon = try await service.serve()
        try await service.consent()
    }

    func stop() async {
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    // MARK: Mail

    /// Messages that nobody has seen before.
    func compose(_ count: Int) -> [ComposedMessage] { (0..<count).map { _ in compose() } }

    func compose() -> ComposedMessage {
        nextToken += 1
        return ComposedMessage(nextToken)
    }

    /// One more that looks like `message` and is another one.
    func another(like message: ComposedMessage) -> ComposedMessage {
        nextToken += 1
        var other = message
        other.token = nextToken
        return other
    }

    /// Puts messages into a folder, as an arrival that is to be delivered.
    func arrive(_ messages: [ComposedMessage], in folder: String = "INBOX") throws {
        try put(messages, in: folder)
        arrived[folder, default: []] += messages
    }

    /// Puts messages into a folder of which nothing is to be delivered.
    func put(_ messages: [ComposedMessage], in folder: String = "INBOX") throws {
        try dovecot.deliver(messages.map(\.octets), to: Self.user, folder: folder)
    }

    /// Puts messages into a folder of another server, as an arrival that is to be delivered.
    func arrive(_ messages: [ComposedMessage], in folder: String = "INBOX", at server: DovecotServer) throws {
        try server.deliver(messages.map(\.octets), to: Self.user, folder: folder)
        arrived[folder, default: []] += messages
    }

    /// Notes that it is to be delivered from a folder.
    func expect(_ message: ComposedMessage, in folder: String) -> ComposedMessage {
        arrived[folder, default: []].append(message)
        return message
    }

    /// Notes that these are to be delivered from the folder, once more if they were before.
    func expectAgain(_ messages: [ComposedMessage], in folder: String = "INBOX") {
        arrived[folder, default: []] += messages
    }

    // MARK: What an administrator does

    func fetch(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(0), "\(fetched.errors)", sourceLocation: sourceLocation)
    }

    /// Writes another host into the configuration, and reloads.
    func reload(to server: DovecotServer) async throws {
        // Another name than before, as each server has in life.
        hosts += 1
        let host = hosts % 2 == 1 ? "127.0.0.1" : "localhost"
        try service.configure(
            receive: receive, send: "enabled: false",
            places: .init(
                imap: "host: \(host), port: \(server.port(.imap)), tls: none",
                pop3: "host: \(host), port: \(server.port(.pop3)), tls: none"))
        let reloaded = try await service.run("reload")
        #expect(reloaded.status == .exited(0), "\(reloaded.errors)")
    }

    /// What `reset --dry-run` says.
    func rehearse() async throws -> [ResetReport.Folder] {
        try await asked(ResetReport.self, "reset", "anna", "--dry-run", "--json").folders
    }

    func folder(_ name: String = "INBOX") async throws -> FolderStatus {
        let list = try await asked(FolderList.self, "folders", "anna", "--json")
        return try #require(list.folders.first { $0.name == name })
    }

    func status() async throws -> AccountStatus { try await asked(AccountStatus.self, "status", "anna", "--json") }

    func asked<Value: Codable & Sendable>(_ type: Value.Type, _ arguments: String...) async throws -> Value {
        let finished = try await service.run(words: arguments)
        #expect(finished.status == .exited(0), "\(finished.errors)")
        return try JSON.decode(Versioned<Value>.self, from: finished.output).value
    }

    /// Lines of the journal with this event, of one folder or all.
    func journal(_ event: String, _ folder: String? = nil) -> [String] {
        daemon.errors.lines.filter { line in
            line.contains("EVENT=\(event) ") && folder.map { line.contains("FOLDER=\($0) ") } != false
        }
    }

    /// What the journal says last of a folder's recovery.
    func lastRecovery(of folder: String) -> (known: Int, new: Int, doubtful: Int)? {
        guard let line = journal("folder_recovered", folder).last else { return nil }
        func number(_ field: String) -> Int {
            line.split(separator: " ").first { $0.hasPrefix("\(field)=") }.flatMap {
                Int($0.dropFirst(field.count + 1))
            } ?? -1
        }
        return (number("KNOWN"), number("NEW"), number("DOUBTFUL"))
    }

    /// Whether the server has no message in the folder any more.
    func isEmpty(_ folder: String) async throws -> Bool {
        try await dovecot.count(of: Self.user, folder: folder) == 0
    }

    // MARK: What came of it

    private func maildir(_ folder: String) -> String {
        service.directory(folder == "INBOX" ? "state/mail/anna" : "state/mail/anna/.\(folder)")
    }

    /// The delivered messages of a folder with their delivery keys, which their names have.
    func delivered(in folder: String = "INBOX") throws -> [(key: Substring, octets: [UInt8])] {
        let new = maildir(folder) + "/new"
        return try Directory.names(in: new).map { name in
            let key = name.split(separator: ".").first { $0.hasPrefix("K") }?.dropFirst() ?? ""
            return (key, try Directory.bytes(of: "\(new)/\(name)"))
        }
    }

    /// Every message that arrived was delivered once for each arrival, and nothing else was.
    func expectAccounted(
        _ folders: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for folder in folders {
            let found = Accounting(
                arrived: (arrived[folder] ?? []).map(\.token),
                delivered: try delivered(in: folder).compactMap { ComposedMessage.token(of: $0.octets) })
            #expect(found.lost == [], "lost in \(folder)", sourceLocation: sourceLocation)
            #expect(found.again == [], "delivered again in \(folder)", sourceLocation: sourceLocation)
            let staged = Directory.names(in: maildir(folder) + "/postbote-staging")
            #expect(staged == [], sourceLocation: sourceLocation)
        }
    }

    /// Nothing was lost, and no more came again than is counted as doubtful.
    func expectNothingLost(
        inAllAtMostAgain doubtful: Int, in folder: String = "INBOX", sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = Accounting(
            arrived: (arrived[folder] ?? []).map(\.token),
            delivered: try delivered(in: folder).compactMap { ComposedMessage.token(of: $0.octets) })
        #expect(found.lost == [], "lost in \(folder)", sourceLocation: sourceLocation)
        #expect(found.again.count <= doubtful, "delivered again in \(folder)", sourceLocation: sourceLocation)
    }

    /// Byte for byte, which holds as long as no server renders messages anew.
    func expectSameBytes(
        in folder: String = "INBOX", sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let isSame = sameMessages(try delivered(in: folder).map(\.octets), (arrived[folder] ?? []).map(\.octets))
        #expect(isSame, "the bytes in \(folder) differ", sourceLocation: sourceLocation)
    }
}

/// Arrivals held against deliveries, message by message.
struct Accounting {
    /// Tokens of messages that arrived more often than they were delivered, and the reverse.
    var lost: [Int] = []
    var again: [Int] = []

    init(arrived: [Int], delivered: [Int]) {
        var balance: [Int: Int] = [:]
        for token in arrived { balance[token, default: 0] += 1 }
        for token in delivered { balance[token, default: 0] -= 1 }
        for (token, rest) in balance.sorted(by: { $0.key < $1.key }) {
            if rest > 0 { lost += Array(repeating: token, count: rest) }
            if rest < 0 { again += Array(repeating: token, count: -rest) }
        }
    }
}
