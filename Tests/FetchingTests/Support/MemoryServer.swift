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

        init(octets: [UInt8]) { self.octets = octets }

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

        var present: UIDSet { UIDSet(messages.keys.sorted()) }

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
        case look(from: UID?, anchors: Int)
        case describe(Int)
        case fetch(UIDSet)
    }

    struct State: Sendable {
        var folders: [String: Folder] = ["INBOX": Folder()]
        var requests: [Request] = []
        var open: Set<Int> = []
        var opened = 0
    }

    let state = Watched(State())
    /// Asked before each request is carried out; throws what the session meets. After that it is out of step.
    private let fault = Watched<@Sendable (Request, Int) async throws -> Void> { _, _ in }
    /// Asked before each piece of a fetch, counted from 0.
    private let pieceFault = Watched<@Sendable (Int) throws -> Void> { _ in }

    static let connectionLost = Failure(
        .direction, .later(after: nil), operation: "read", reason: "The connection was lost.")

    var requests: [Request] { state.value.requests }
    var fetched: [UIDSet] { requests.compactMap { if case .fetch(let uids) = $0 { uids } else { nil } } }

    func forgetRequests() { state.update { $0.requests = [] } }

    func change(_ folder: String = "INBOX", _ body: (inout Folder) -> Void) {
        state.update { body(&$0.folders[folder, default: Folder()]) }
    }

    /// `body` gets the request and how many of its kind there were, this one included.
    func fails(_ body: @escaping @Sendable (Request, Int) async throws -> Void) { fault.update { $0 = body } }
    func failsAtPiece(_ body: @escaping @Sendable (Int) throws -> Void) { pieceFault.update { $0 = body } }

    func works() {
        fails { _, _ in }
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

    fileprivate func note(_ request: Request) async throws {
        let count = state.update { state in
            state.requests.append(request)
            return state.requests.count { $0.kind == request.kind }
        }
        try await fault.value(request, count)
    }

    fileprivate func notePiece(_ number: Int) throws { try pieceFault.value(number) }
}

extension MemoryServer.Request {
    var kind: String {
        switch self {
        case .open: "open"
        case .folders: "folders"
        case .select: "select"
        case .look: "look"
        case .describe: "describe"
        case .fetch: "fetch"
        }
    }
}

/// A session with a `MemoryServer`.
private actor MemoryMailbox: Mailbox {
    nonisolated let keepsSession = true
    private let server: MemoryServer
    private let number: Int
    private var selected = "INBOX"
    private(set) var isOutOfStep = false

    init(server: MemoryServer, number: Int) {
        self.server = server
        self.number = number
    }

    private var folder: MemoryServer.Folder { server.state.value.folders[selected] ?? MemoryServer.Folder() }

    /// A failure of the folder alone is a refusal; anything else ends the dialog.
    private func note(_ request: MemoryServer.Request) async throws {
        do {
            try await server.note(request)
        } catch {
            if (error as? Failure)?.scope != .folder { isOutOfStep = true }
            throw error
        }
    }

    func folders() async throws -> [RemoteFolder] {
        try await note(.folders)
        return server.state.value.folders.keys.sorted().map { name in
            RemoteFolder(
                serverName: name, path: FolderPath(name, delimiter: "/"), role: name == "INBOX" ? .inbox : nil)
        }
    }

    func select(_ folder: RemoteFolder) async throws -> FolderFacts {
        try await note(.select(folder.serverName))
        selected = folder.serverName
        let found = self.folder
        return FolderFacts(
            uidValidity: UIDValidity(found.uidValidity), uidNext: found.tellsNext ? found.uidNext : nil,
            exists: found.messages.count)
    }

    func look(_ question: Look.Question) async throws -> Look {
        var first: UID?
        if case .from(let uid) = question.range { first = uid }
        try await note(.look(from: first, anchors: question.anchors.count))
        let present = folder.present
        return Look(
            present: first.map { present.clamped(to: $0 ... .max) } ?? present,
            anchors: summaries(present.intersection(question.anchors)))
    }

    func describe(_ uids: UIDSet, _ extent: DescriptionExtent) async throws -> [MessageSummary] {
        try await note(.describe(uids.count))
        return summaries(folder.present.intersection(uids))
    }

    private func summaries(_ uids: UIDSet) -> [MessageSummary] {
        let messages = folder.messages
        return uids.compactMap { uid in
            messages[uid].map {
                MessageSummary(
                    uid: uid, size: Int64($0.octets.count), headers: MessageHeaders($0.octets), emailID: $0.emailID)
            }
        }
    }

    func fetch(_ uids: UIDSet, into sink: any MessageSink) async throws {
        try await note(.fetch(uids))
        let folder = folder
        for (number, piece) in uids.flatMap({ Self.pieces(of: $0, in: folder) }).enumerated() {
            do {
                try server.notePiece(number)
            } catch {
                isOutOfStep = true
                throw error
            }
            try await sink.take([piece])
        }
    }

    private static func pieces(of uid: UID, in folder: MemoryServer.Folder) -> [MessagePiece] {
        guard let message = folder.messages[uid], !folder.vanishing.contains(uid) else { return [.gone(uid)] }
        guard !folder.withheld.contains(uid) else { return [.missing(uid)] }
        let middle = message.octets.count / 2
        return [
            .begin, .bytes(message.octets[..<middle]), .bytes(message.octets[middle...]),
            .end(MessageAttributes(uid: uid, emailID: message.emailID)),
        ]
    }

    func close() async { server.state.update { [number] in _ = $0.open.remove(number) } }
}
