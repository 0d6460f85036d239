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
        default: break
        }
    }
}

/// What UID SEARCH and UID FETCH of headers answer.
struct LookCollector: IMAPCollector {
    private(set) var present = UIDSet()
    private(set) var summaries: [MessageSummary] = []

    mutating func take(_ event: IMAPEvent) {
        switch event {
        case .untagged(.search(let uids)): present = present.union(uids)
        case .untagged(.extendedSearch(let answer)): present = present.union(answer.all)
        case .fetched(let fetch):
            // Flag changes come unasked and have neither.
            guard let uid = fetch.uid, fetch.size != nil || fetch.header != nil else { return }
            summaries.append(
                MessageSummary(
                    uid: uid, size: fetch.size.map { Int64(clamping: $0) },
                    headers: fetch.header.map { MessageHeaders($0) },
                    emailID: fetch.emailID, gmailMessageID: fetch.gmailMessageID))
        default: break
        }
    }
}

/// Hands messages on while they stream.
struct MessageCollector: IMAPCollector {
    private let asked: UIDSet
    private var hand: SinkHand
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
            answered.insert(uid)
            hand.add(.end(MessageAttributes(uid: uid, emailID: fetch.emailID, gmailMessageID: fetch.gmailMessageID)))
        } else if let uid = fetch.uid, fetch.flags == nil || fetch.body == .none, asked.contains(uid) {
            // Exchange answers without the message when it cannot render it. A flag change says nothing about it.
            answered.insert(uid)
            hand.add(.missing(uid))
        }
    }

    mutating func chunkEnded() async throws { try await hand.over() }

    mutating func ended() async throws {
        for uid in asked.subtracting(answered) { hand.add(.gone(uid)) }
        try await hand.finish()
    }

    mutating func abandoned() async { await hand.abandon() }
}
