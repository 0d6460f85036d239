import Diagnostics
import Fetching
import MailModel
import Sessions
import TestSupport

/// A mail server in memory with folders of messages, and with whatever goes wrong that a test asks for.
final class MemoryServer: MailboxConnector {
    struct Message: Hashable, Sendable {
        var octets: [UInt8]
        var emailID: String?
        var internalDate: Timestamp
        var isSeen = false
        /// Marked by another program, which has not removed it yet.
        var isDeleted = false

        init(octets: [UInt8]) {
            self.octets = octets
            internalDate = Timestamp(seconds: 1_793_577_600)
        }

        /// - Parameter identity: messages with the same one have the same Message-ID and Date.
        init(_ identity: Int, body: String = "Hello.", emailID: String? = nil) {
            let time = [identity / 3600 % 24, identity / 60 % 60, identity % 60].map { part in
                part < 10 ? "0\(part)" : "\(part)"
            }
            let text = """
                Message-ID: <\(identity)@example.org>\r
                Date: Mon, 2 Nov 2026 \(time.joined(separator: ":")) +0000\r
                From: a@example.org\r
                Subject: message \(identity)\r
                \r
                \(body)\r

                """
            octets = Array(text.utf8)
            self.emailID = emailID
            // As its Date says.
            internalDate = Timestamp(seconds: 1_793_577_600 + Int64(identity % 86_400))
        }
    }

    struct Folder: Sendable {
        var uidValidity: UInt32 = 7
        var messages: [UID: Message] = [:]
        var uidNext: UID = .min
        /// Whether the server says UIDNEXT.
        var tellsNext = true
        /// It answers a fetch of these without the message.
        var withheld: Set<UID> = []
        /// Listed, and gone when they are fetched.
        var vanishing: Set<UID> = []

        /// Whether it can be opened for changing.
        var isReadOnly = false
        /// Whether the server says of it what it is without opening it; `nil`: it refuses.
        var tellsIdentity: Bool? = true

        var present: UIDSet { UIDSet(messages.keys.sorted()) }

        /// Those whose INTERNALDATE is in the day before `since` or later, as a search by days finds them.
        func present(since: Timestamp?) -> UIDSet {
            guard let since else { return present }
            let first = (since.seconds / 86_400 - 1) * 86_400
            return UIDSet(messages.filter { $0.value.internalDate.seconds >= first }.keys.sorted())
        }

        /// Adds messages on top.
        mutating func append(_ new: [Message]) {
            for message in new {
                messages[uidNext] = message
                uidNext = UID(uidNext.rawValue + 1) ?? .max
            }
        }

        /// The same messages, and others, under UIDs that begin at 1, in this order.
        mutating func renumber(_ validity: UInt32, _ messages: [Message]) {
            uidValidity = validity
            self.messages = [:]
            uidNext = .min
            append(messages)
        }
    }

    /// What was asked, in its order; tests count and compare.
    enum Request: Hashable, Sendable {
        case open, folders
        case select(String)
        case selectForChanging(String)
        case identity(String)
        case look(from: UID?, anchors: Int)
        case describe(Int)
        case fetch(UIDSet)
        case markSeen(UIDSet)
        case delete(UIDSet)
        case move(UIDSet, to: String)
        case copy(UIDSet, to: String)
        case present(UIDSet)
    }

    struct State: Sendable {
        var folders: [String: Folder] = ["INBOX": Folder()]
        var requests: [Request] = []
        var open: Set<Int> = []
        var opened = 0
        /// Sessions that the server has ended: the next request meets it.
        var lost: Set<Int> = []
        /// Sessions that get no mail any more, and no word why.
        var hanging: Set<Int> = []
        /// Whether it has MOVE.
        var canMove = true
        /// Otherwise it is like POP3: a session knows what there was at its listing, and UIDs only after one.
        var keepsSession = true
        /// Whether it says where copied and moved messages are.
        var tellsPlaces = true
    }

    let state = Watched(State())
    /// Asked before each request is carried out; throws what the session meets. After that it is out of step.
    private let fault = Watched<@Sendable (Request, Int) async throws -> Void> { _, _ in }
    /// Asked after each change was carried out, before its reply.
    private let replyFault = Watched<@Sendable (Request) throws -> Void> { _ in }
    private let closing = Watched<@Sendable () async -> Void> {}
    /// Asked before each piece of a fetch, counted from 0, with the number of the session, counted from 1.
    private let pieceFault = Watched<@Sendable (Int, Int) throws -> Void> { _, _ in }

    static let connectionLost = Failure(
        .direction, .later(after: nil), operation: "read", reason: "The connection was lost.")

    var remoteFolders: [RemoteFolder] {
        state.value.folders.keys.sorted().map { name in
            RemoteFolder(serverName: name, path: FolderPath(name, delimiter: "/"), role: Self.role(of: name))
        }
    }

    static func role(of folder: String) -> FolderRole? { ["INBOX": .inbox, "Junk": .junk, "Sent": .sent][folder] }

    var requests: [Request] { state.value.requests }
    var fetched: [UIDSet] { requests.compactMap { if case .fetch(let uids) = $0 { uids } else { nil } } }

    func forgetRequests() { state.update { $0.requests = [] } }

    func change(_ folder: String = "INBOX", _ body: (inout Folder) -> Void) {
        state.update { body(&$0.folders[folder, default: Folder()]) }
    }

    /// `body` gets the request and how many of its kind there were, this one included.
    func fails(_ body: @escaping @Sendable (Request, Int) async throws -> Void) { fault.update { $0 = body } }
    func losesReplies(_ body: @escaping @Sendable (Request) throws -> Void) { replyFault.update { $0 = body } }
    /// Awaited while a session is being closed.
    func closesAfter(_ body: @escaping @Sendable () async -> Void) { closing.update { $0 = body } }
    func close() async { await closing.value() }
    func noteReply(_ request: Request) throws { try replyFault.value(request) }
    func failsAtPiece(_ body: @escaping @Sendable (Int) throws -> Void) {
        pieceFault.update { $0 = { piece, _ in try body(piece) } }
    }
    /// Of session `number` alone.
    func failsAtPiece(of number: Int, _ body: @escaping @Sendable (Int) throws -> Void) {
        pieceFault.update { $0 = { piece, session in if session == number { try body(piece) } } }
    }

    func works() {
        fails { _, _ in }
        losesReplies { _ in }
        failsAtPiece { _ in }
    }

    func open() async throws -> any Mailbox {
        try await note(.open)
        let number = state.update { state in
            state.opened += 1
            state.open.insert(state.opened)
            return state.opened
        }
        return MemoryMailbox(server: self, number: number)
    }

    func note(_ request: Request) async throws {
        let count = state.update { state in
            state.requests.append(request)
            return state.requests.count { $0.kind == request.kind }
        }
        try await fault.value(request, count)
    }

    func notePiece(_ number: Int, of session: Int) throws { try pieceFault.value(number, session) }

    /// Lets nobody past one fetch before another has begun: two sessions have a slice each.
    func fetchesMeet(after count: Int = 0) {
        let (first, second) = (Gate(), Gate())
        fails { request, number in
            guard request.kind == "fetch" else { return }
            if number == count + 1 {
                first.open()
                try await second.passed()
            } else if number == count + 2 {
                second.open()
                try await first.passed()
            }
        }
    }
}

extension MemoryServer.Request {
    var kind: String {
        switch self {
        case .open: "open"
        case .folders: "folders"
        case .select: "select"
        case .selectForChanging: "select for changing"
        case .identity: "identity"
        case .look: "look"
        case .describe: "describe"
        case .fetch: "fetch"
        case .markSeen: "mark seen"
        case .delete: "delete"
        case .move: "move"
        case .copy: "copy"
        case .present: "present"
        }
    }
}
