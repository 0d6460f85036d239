import Diagnostics
import MailModel
import Sessions
import TestSupport

/// A session with a `MemoryServer`.
actor MemoryMailbox: Mailbox {
    nonisolated var keepsSession: Bool { server.state.value.keepsSession }
    nonisolated let deletesAtClose = false
    nonisolated var canMove: Bool { server.state.value.canMove }
    private let server: MemoryServer
    private let number: Int
    private var selected = "INBOX"
    private var purpose = FolderPurpose.reading
    private(set) var isOutOfStep = false
    private var listing: UIDSet?

    init(server: MemoryServer, number: Int) {
        self.server = server
        self.number = number
    }

    private var folder: MemoryServer.Folder { server.state.value.folders[selected] ?? MemoryServer.Folder() }

    /// A failure of the folder alone is a refusal; anything else ends the dialog.
    private func note(_ request: MemoryServer.Request) async throws {
        do {
            if server.state.value.lost.contains(number) { throw MemoryServer.connectionLost }
            try await server.note(request)
            if request.kind == "fetch", server.state.value.hanging.contains(number) {
                try await Gate().passed(within: .seconds(86_400))
            }
        } catch {
            if (error as? Failure)?.scope != .folder { isOutOfStep = true }
            throw error
        }
    }

    func folders() async throws -> [RemoteFolder] {
        try await note(.folders)
        return server.remoteFolders
    }

    func select(_ folder: RemoteFolder, for purpose: FolderPurpose) async throws -> FolderFacts {
        let name = folder.serverName
        try await note(purpose == .reading ? .select(name) : .selectForChanging(name))
        selected = name
        let found = self.folder
        guard purpose == .reading || !found.isReadOnly else {
            self.purpose = .reading
            throw Failure(
                .folder, .whenReconfigured(by: .operatorOfPostbote), operation: "SELECT", reason: "It is read only.")
        }
        self.purpose = purpose
        return FolderFacts(
            uidValidity: UIDValidity(found.uidValidity), uidNext: found.tellsNext ? found.uidNext : nil,
            exists: found.messages.count)
    }

    func identities(of folders: [RemoteFolder]) async throws -> [FolderAnswer] {
        var answers: [FolderAnswer] = []
        for folder in folders {
            try await note(.identity(folder.serverName))
            guard let found = server.state.value.folders[folder.serverName], let tells = found.tellsIdentity else {
                let reason = "Not of this folder."
                answers.append(.refused(Failure(.folder, .later(after: nil), operation: "STATUS", reason: reason)))
                continue
            }
            answers.append(tells ? .told(FolderIdentity(uidValidity: UIDValidity(found.uidValidity))) : .untold)
        }
        return answers
    }

    func look(_ question: Look.Question) async throws -> Look {
        var first: UID?
        if case .from(let uid) = question.range { first = uid }
        try await note(.look(from: first, anchors: question.anchors.count))
        let present = folder.present(since: question.since)
        if !keepsSession { listing = present }
        return Look(
            present: first.map { present.clamped(to: $0 ... .max) } ?? present,
            anchors: summaries(present.intersection(question.anchors)))
    }

    func describe(
        _ uids: UIDSet, _ extent: DescriptionExtent,
        each take: @escaping @Sendable ([MessageSummary]) async throws -> Void
    ) async throws {
        // Each piece is noted, so that a connection can be lost between them.
        for chunk in uids.chunks(of: 500) {
            try await note(.describe(chunk.count))
            try await take(summaries(folder.present.intersection(chunk), extent))
        }
    }

    private func summaries(_ uids: UIDSet, _ extent: DescriptionExtent = .identity) -> [MessageSummary] {
        let messages = folder.messages
        return uids.compactMap { uid in
            messages[uid].map {
                MessageSummary(
                    uid: uid, size: Int64($0.octets.count),
                    headers: extent == .identity ? MessageHeaders($0.octets) : nil,
                    emailID: extent == .identity ? $0.emailID : nil,
                    internalDate: extent == .date ? $0.internalDate : nil)
            }
        }
    }

    func fetch(_ uids: UIDSet, into sink: any MessageSink) async throws {
        try await note(.fetch(uids))
        var folder = folder
        if !keepsSession {
            let listing = listing ?? folder.present
            folder.messages = folder.messages.filter { listing.contains($0.key) }
        }
        for (piece, content) in uids.flatMap({ Self.pieces(of: $0, in: folder) }).enumerated() {
            do {
                try server.notePiece(piece, of: number)
            } catch {
                isOutOfStep = true
                throw error
            }
            try await sink.take([content])
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

    @discardableResult
    func close() async -> Failure? {
        await server.close()
        server.state.update { [number] in _ = $0.open.remove(number) }
        return nil
    }
}

extension MemoryMailbox {
    func markSeen(_ uids: UIDSet) async throws {
        try await change(.markSeen(uids)) { state, name in
            for uid in uids { state.folders[name]?.messages[uid]?.isSeen = true }
        }
    }

    func delete(_ uids: UIDSet) async throws {
        try await change(.delete(uids)) { state, name in
            for uid in uids { state.folders[name]?.messages[uid] = nil }
        }
    }

    func move(_ uids: UIDSet, to target: RemoteFolder) async throws -> [UID: MessagePlace] {
        precondition(canMove, "whoever moves asks first whether that is possible")
        return try await change(.move(uids, to: target.serverName)) { state, name in
            let places = try state.copy(uids, from: name, to: target.serverName)
            for uid in uids { state.folders[name]?.messages[uid] = nil }
            return places
        }
    }

    func copy(_ uids: UIDSet, to target: RemoteFolder) async throws -> [UID: MessagePlace] {
        try await change(.copy(uids, to: target.serverName)) { state, name in
            try state.copy(uids, from: name, to: target.serverName)
        }
    }

    func present(_ uids: UIDSet) async throws -> UIDSet {
        try await note(.present(uids))
        return folder.present.intersection(uids)
    }

    private func change<Result: Sendable>(
        _ request: MemoryServer.Request, _ body: (inout MemoryServer.State, String) throws -> Result
    ) async throws -> Result {
        guard purpose == .changing else {
            throw Failure(.folder, .later(after: nil), operation: "change", reason: "It is open for reading.")
        }
        try await note(request)
        let result = try server.state.update { [selected] in try body(&$0, selected) }
        do {
            try server.noteReply(request)
        } catch {
            isOutOfStep = true
            throw error
        }
        return result
    }
}

extension MemoryServer.State {
    fileprivate mutating func copy(
        _ uids: UIDSet, from source: String, to target: String
    ) throws -> [UID: MessagePlace] {
        guard var folder = folders[target] else {
            throw Failure(
                .folder, .whenReconfigured(by: .operatorOfPostbote), operation: "copy",
                reason: "No folder \(target).",
                condition: .noSuchFolder)
        }
        var places: [UID: MessagePlace] = [:]
        for uid in uids {
            guard let message = folders[source]?.messages[uid] else { continue }
            places[uid] = MessagePlace(uidValidity: UIDValidity(folder.uidValidity), uid: folder.uidNext)
            folder.append([message])
        }
        folders[target] = folder
        return tellsPlaces ? places : [:]
    }
}
