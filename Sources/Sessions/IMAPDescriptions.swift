import MailModel
import MailProtocol

/// Hands on what UID FETCH tells of messages, each once.
struct SummaryCollector: IMAPCollector {
    private let asked: UIDSet
    private var answered = UIDSet()
    private var hand: SummaryHand

    init(asked: UIDSet, hand: SummaryHand) {
        self.asked = asked
        self.hand = hand
    }

    mutating func take(_ event: IMAPEvent) {
        guard case .fetched(let fetch) = event, let summary = MessageSummary(fetch), asked.contains(summary.uid),
            !answered.contains(summary.uid)
        else { return }
        answered.insert(summary.uid)
        hand.add(summary)
    }

    mutating func chunkEnded() async throws { try await hand.over() }
    mutating func ended() async throws { try await hand.finish() }
    mutating func abandoned() async { await hand.abandon() }
}

extension MessageSummary {
    /// `nil` where the response describes nothing: flag changes come unasked.
    init?(_ fetch: IMAPFetch) {
        guard let uid = fetch.uid, fetch.size != nil || fetch.header != nil || fetch.internalDate != nil else {
            return nil
        }
        self.init(
            uid: uid, size: fetch.size.map { Int64(clamping: $0) }, headers: fetch.header.map { MessageHeaders($0) },
            emailID: fetch.emailID, gmailMessageID: fetch.gmailMessageID, internalDate: fetch.internalDate)
    }
}
