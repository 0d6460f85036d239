import Diagnostics
import MailModel
import MailProtocol

/// What LIST and LSUB answer.
struct ListCollector: IMAPCollector {
    private(set) var entries: [IMAPListEntry] = []

    mutating func take(_ event: IMAPEvent) throws {
        guard case .untagged(.list(let entry)) = event else { return }
        guard entries.count < Limits.folders else {
            throw Failure(
                .direction, .later(after: nil), operation: "LIST",
                reason: "The mailbox lists more than \(Limits.folders) folders. Name the folders you need.")
        }
        entries.append(entry)
    }
}

/// What SELECT and EXAMINE say of the folder.
struct SelectCollector: IMAPCollector {
    private(set) var uidValidity: UIDValidity?
    private(set) var uidNext: UID?
    private(set) var exists = 0
    private(set) var mailboxID: String?
    private(set) var isNotSticky = false
    /// The server opened it for reading, whatever it was asked for.
    private(set) var isReadOnly = false
    /// The flags that last; `nil`: all do (RFC 3501 §7.1).
    private(set) var permanentFlags: IMAPFlags?

    mutating func completed(_ reply: IMAPReply, at index: Int) { note(reply.code) }

    mutating func take(_ event: IMAPEvent) {
        guard case .untagged(let response) = event else { return }
        switch response {
        case .exists(let count): exists = Int(count)
        case .status(let reply): note(reply.code)
        default: break
        }
    }

    private mutating func note(_ code: IMAPResponseCode?) {
        switch code {
        case .uidValidity(let validity): uidValidity = validity
        case .uidNext(let uid): uidNext = uid
        case .mailboxID(let identifier): mailboxID = identifier
        case .uidNotSticky: isNotSticky = true
        case .readOnly: isReadOnly = true
        case .readWrite: isReadOnly = false
        case .permanentFlags(let flags): permanentFlags = flags
        default: break
        }
    }
}

/// What STATUS of each of some folders answers. That one is refused does not speak against the others.
struct StatusCollector: IMAPCollector {
    private let asked: [IMAPMailboxName]
    private(set) var answers: [FolderAnswer]
    /// What was told since a command ended last.
    private var told: [IMAPMailboxStatus] = []

    init(asked: [IMAPMailboxName]) {
        self.asked = asked
        answers = asked.map { _ in .untold }
    }

    mutating func take(_ event: IMAPEvent) {
        if case .untagged(.mailboxStatus(let status)) = event { told.append(status) }
    }

    mutating func completed(_ reply: IMAPReply, at index: Int) {
        // The name may come in another spelling than it was asked for: then it is what no other folder was told.
        let place =
            told.firstIndex { $0.mailbox == asked[index] } ?? told.firstIndex { !asked.contains($0.mailbox) }
        guard let status = place.map({ told.remove(at: $0) }), let uidValidity = status.uidValidity else { return }
        answers[index] = .told(FolderIdentity(uidValidity: uidValidity, mailboxID: status.mailboxID))
    }

    mutating func forgives(_ refusal: Failure, at index: Int) -> Bool {
        guard refusal.scope <= .folder else { return false }
        answers[index] = .refused(refusal)
        return true
    }
}

/// What UID SEARCH, and UID FETCH of the anchors' headers, answer.
struct LookCollector: IMAPCollector {
    private(set) var present = UIDSet()
    private(set) var summaries: [MessageSummary] = []
    private(set) var count: FolderCount
    /// A search response came. One without matches says so, too (RFC 3501 §7.2.5, RFC 9051 §7.3.4).
    private(set) var hasAnswer = false

    /// - Parameter exists: how many messages the folder had so far.
    init(exists: Int) { count = FolderCount(exists) }

    mutating func take(_ event: IMAPEvent) {
        if case .untagged(let response) = event { count.take(response) }
        switch event {
        case .untagged(.search(let uids)):
            hasAnswer = true
            present = present.union(uids)
        case .untagged(.extendedSearch(let answer)):
            hasAnswer = true
            present = present.union(answer.all)
        case .fetched(let fetch):
            // Flag changes come unasked and have neither.
            if let summary = MessageSummary(fetch) { summaries.append(summary) }
        default: break
        }
    }
}

extension LookCollector {
    /// The answer to `question`, held against how many messages the folder has: servers were seen to find nothing in a
    /// full folder, from which it would follow that all known mail is gone.
    ///
    /// - Throws: a failure of the folder when the two do not fit: then nothing follows from the answer.
    func answer(to question: Look.Question) throws(Failure) -> Look {
        let found = present.count
        guard hasAnswer || count.lowest == 0 else {
            throw unfit("The server said OK to a search and did not say what it found.")
        }
        guard found <= count.highest else {
            throw unfit("The server found \(found) messages in a folder of \(count.highest).")
        }
        if question.asksForAll, found < count.lowest {
            throw unfit("The server found \(found) messages in a folder of \(count.lowest).")
        }
        var present = present
        // `n:*` names the newest message even when it is below n.
        if case .from(let uid) = question.range { present = present.clamped(to: uid ... .max) }
        return Look(present: present, anchors: summaries.filter { question.anchors.contains($0.uid) })
    }

    private func unfit(_ reason: String) -> Failure {
        Failure(
            .folder, .later(after: nil), operation: "UID SEARCH",
            reason: "\(reason) Nothing is concluded from that; the folder is looked at again later.")
    }
}

extension Look.Question {
    /// Whether every message of the folder belongs to the answer.
    fileprivate var asksForAll: Bool {
        guard since == nil else { return false }
        return switch range {
        case .all: true
        case .from(let uid): uid == .min
        }
    }
}

/// Hands messages on while they stream. A message that was not asked for, or came before, begins and never ends: the sink
/// drops it.
struct MessageCollector: IMAPCollector {
    private let asked: UIDSet
    private var hand: SinkHand<MessagePiece>
    private var answered = UIDSet()

    init(asked: UIDSet, sink: any MessageSink) {
        self.asked = asked
        hand = SinkHand(sink)
    }

    mutating func take(_ event: IMAPEvent) throws {
        switch event {
        case .bodyBegan: hand.add(.begin)
        case .bodyBytes(let bytes): hand.add(.bytes(bytes))
        case .fetched(let fetch): try take(fetch)
        default: break
        }
    }

    private mutating func take(_ fetch: IMAPFetch) throws {
        if case .streamed = fetch.body {
            guard let uid = fetch.uid else {
                throw Failure(
                    .direction, .later(after: nil), operation: "UID FETCH",
                    reason: "The server sent a message without saying which. The connection is given up.")
            }
            guard asked.contains(uid), !answered.contains(uid) else { return }
            answered.insert(uid)
            hand.add(.end(MessageAttributes(uid: uid, emailID: fetch.emailID, gmailMessageID: fetch.gmailMessageID)))
        } else if let uid = fetch.uid, fetch.flags == nil || fetch.body == .none, asked.contains(uid),
            !answered.contains(uid)
        {
            // Exchange answers without the message when it cannot render it. A flag change says nothing about it.
            hand.add(.missing(uid))
        }
    }

    mutating func chunkEnded() async throws { try await hand.over() }

    mutating func ended() async throws { try await hand.finish() }

    mutating func abandoned() async { await hand.abandon() }
}
