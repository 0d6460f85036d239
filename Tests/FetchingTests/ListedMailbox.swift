import Diagnostics
import Fetching
import MailModel
import Sessions
import TestSupport

/// A mailbox whose server lists messages and does not give all of them.
final class ListedMailbox: Mailbox, MailboxConnector {
    /// What happens when a fetch comes to a message.
    enum Fate: Sendable {
        case given
        /// OK, and nothing of it.
        case withheld
        /// The command is refused there; what came before stays.
        case refused
        /// The connection breaks there.
        case breaks
        case throttled
        case stub
    }

    struct State: Sendable {
        var uidValidity: UInt32 = 7
        var folders = ["INBOX"]
        var fates: [UID: Fate] = [:]
        var texts: [UID: String] = [:]
        /// A search finds nothing, although there is something.
        var findsNothing = false
        var isOutOfStep = false
        var findsByDate = true
        var requests: [String] = []
    }

    let state = Watched(State())
    let keepsSession = true
    var findsByDate: Bool { state.value.findsByDate }
    var isOutOfStep: Bool { get async { state.value.isOutOfStep } }

    /// The requests since this was asked.
    func requests() -> [String] {
        state.update { state in
            defer { state.requests = [] }
            return state.requests
        }
    }

    func change(_ uids: ClosedRange<UInt32>, _ fate: Fate) {
        state.update { state in
            for uid in uids.compactMap({ UID($0) }) {
                state.fates[uid] = fate
                state.texts[uid] = state.texts[uid] ?? ListedMailbox.text(uid)
            }
        }
    }

    func remove(_ uid: UInt32) {
        state.update { state in
            guard let uid = UID(uid) else { return }
            state.fates[uid] = nil
            state.texts[uid] = nil
        }
    }

    /// On November 1st, 2nd, 3rd …
    static func text(_ uid: UID) -> String {
        "Message-ID: <\(uid)@example.org>\r\nDate: \(uid) Nov 2026 10:00:00 +0000\r\n\r\n\(uid)\r\n"
    }

    private func note(_ request: String) { state.update { $0.requests.append(request) } }
    private var present: UIDSet { UIDSet(state.value.texts.keys.sorted()) }

    func open() -> any Mailbox {
        state.update { $0.isOutOfStep = false }
        return self
    }

    func folders() -> [RemoteFolder] {
        note("list")
        return state.value.folders.map {
            RemoteFolder(serverName: $0, path: FolderPath([$0]), role: $0 == "INBOX" ? .inbox : nil)
        }
    }

    func identities(of folders: [RemoteFolder]) -> [FolderAnswer] {
        folders.map { _ in .untold }
    }

    func select(_ folder: RemoteFolder, for purpose: FolderPurpose) -> FolderFacts {
        let next = present.last.flatMap { UID($0.rawValue + 1) } ?? .min
        return FolderFacts(uidValidity: UIDValidity(state.value.uidValidity), uidNext: next, exists: present.count)
    }

    func look(_ question: Look.Question) -> Look {
        note("look")
        if state.value.findsNothing { return Look(present: UIDSet()) }
        let anchors = summaries(present.intersection(question.anchors), .identity)
        var found = present
        if case .from(let uid) = question.range { found = found.clamped(to: uid ... .max) }
        return Look(present: found, anchors: anchors)
    }

    func describe(
        _ uids: UIDSet, _ extent: DescriptionExtent,
        each take: @escaping @Sendable ([MessageSummary]) async throws -> Void
    ) async throws {
        note("describe \(uids) \(extent)")
        let summaries = summaries(uids, extent)
        if !summaries.isEmpty { try await take(summaries) }
    }

    private func summaries(_ uids: UIDSet, _ extent: DescriptionExtent) -> [MessageSummary] {
        uids.compactMap { uid in
            state.value.texts[uid].map {
                MessageSummary(
                    uid: uid, size: Int64($0.utf8.count),
                    headers: extent == .identity ? MessageHeaders(Array($0.utf8)) : nil)
            }
        }
    }

    func fetch(_ uids: UIDSet, into sink: any MessageSink) async throws {
        note("fetch \(uids)")
        for uid in uids {
            guard let text = state.value.texts[uid] else { continue }
            switch state.value.fates[uid] ?? .given {
            case .given: try await send(text, uid, to: sink)
            case .withheld: break
            case .stub:
                let stub =
                    "From: Microsoft Exchange Server\r\n"
                    + "Subject: Retrieval using the IMAP4 protocol failed for the following message: 1\r\n\r\n"
                try await send(stub, uid, to: sink)
            case .refused:
                throw Failure(.folder, .later(after: nil), operation: "UID FETCH", reason: "refused")
            case .breaks:
                state.update { $0.isOutOfStep = true }
                throw Failure(.direction, .later(after: nil), operation: "UID FETCH", reason: "lost")
            case .throttled:
                throw Failure(
                    .direction, .later(after: .seconds(60)), operation: "UID FETCH", reason: "slower",
                    condition: .throttled)
            }
        }
    }

    // One folder is as good as another here: what is moved is gone.
    let canMove = true
    let deletesAtClose = false

    func markSeen(_ uids: UIDSet) { note("mark seen \(uids)") }

    func delete(_ uids: UIDSet) {
        note("delete \(uids)")
        for uid in uids { remove(uid.rawValue) }
    }

    func move(_ uids: UIDSet, to target: RemoteFolder) -> [UID: MessagePlace] {
        note("move \(uids) to \(target.serverName)")
        for uid in uids { remove(uid.rawValue) }
        return [:]
    }

    func copy(_ uids: UIDSet, to target: RemoteFolder) -> [UID: MessagePlace] {
        note("copy \(uids) to \(target.serverName)")
        return [:]
    }

    func present(_ uids: UIDSet) -> UIDSet { present.intersection(uids) }

    private func send(_ text: String, _ uid: UID, to sink: any MessageSink) async throws {
        try await sink.take([.begin, .bytes(Array(text.utf8)[...]), .end(MessageAttributes(uid: uid))])
    }

    func close() -> Failure? { nil }
}
