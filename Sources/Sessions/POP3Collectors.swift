import Diagnostics
import MailModel
import MailProtocol

/// What the replies to some POP3 commands are gathered into.
protocol POP3Collector: Sendable {
    mutating func take(_ action: POP3Action) throws
    /// Everything in the chunk that was read has been taken.
    mutating func chunkEnded() async throws
    mutating func ended() async throws
    /// The operation failed; nothing more comes.
    mutating func abandoned() async
}

extension POP3Collector {
    mutating func chunkEnded() async throws {}
    mutating func ended() async throws {}
    mutating func abandoned() async {}
}

/// What STAT, UIDL and LIST answer.
struct POP3Listings: POP3Collector {
    private(set) var messages = 0
    private(set) var uniqueIDs: [POP3Listing<POP3UniqueID>] = []
    private(set) var sizes: [POP3Listing<Int64>] = []

    mutating func take(_ action: POP3Action) throws {
        switch action {
        case .mailbox(let messages, _): self.messages = messages
        case .uniqueIDs(let listed): uniqueIDs += listed
        case .sizes(let listed): sizes += listed
        case .refused(_, let failure): throw failure
        default: break
        }
    }
}

/// Hands on what TOP tells of messages. One that was refused is there all the same, with nothing known of it.
struct POP3Summaries: POP3Collector {
    /// What is still to come: a number that a server listed twice is one message.
    private var asked: [POP3MessageNumber: MessageSummary]
    private var hand: SummaryHand
    private var scanner = HeaderScanner()

    init(asked: [POP3MessageNumber: MessageSummary], hand: SummaryHand) {
        self.asked = asked
        self.hand = hand
    }

    mutating func take(_ action: POP3Action) {
        switch action {
        case .content(let octets): scanner.push(octets[...])
        case .done(.top(let number, _)): end(number, scanner.finish())
        case .refused(.top(let number, _), _): end(number, nil)
        default: break
        }
    }

    private mutating func end(_ number: POP3MessageNumber, _ headers: MessageHeaders?) {
        scanner.reset()
        guard var summary = asked.removeValue(forKey: number) else { return }
        summary.headers = headers
        hand.add(summary)
    }

    mutating func chunkEnded() async throws { try await hand.over() }
    mutating func ended() async throws { try await hand.finish() }
    mutating func abandoned() async { await hand.abandon() }
}

/// What DELE answers.
struct POP3Deletions: POP3Collector {
    private(set) var marked: Set<POP3MessageNumber> = []
    /// The first refusal. The others are asked for all the same.
    private(set) var refusal: Failure?

    mutating func take(_ action: POP3Action) {
        switch action {
        case .done(.dele(let number)): marked.insert(number)
        case .refused(_, let failure): refusal = refusal ?? failure
        default: break
        }
    }
}

/// Hands messages on while they stream.
struct POP3Messages: POP3Collector {
    /// What is still to come: a number that a server listed twice is one message.
    private var asked: [POP3MessageNumber: UID]
    private var hand: SinkHand<MessagePiece>
    private var isOpen = false

    init(asked: [POP3MessageNumber: UID], hand: SinkHand<MessagePiece>) {
        self.asked = asked
        self.hand = hand
    }

    mutating func take(_ action: POP3Action) {
        switch action {
        case .content(let octets):
            begin()
            hand.add(.bytes(octets[...]))
        case .done(.retr(let number)):
            begin()
            isOpen = false
            if let uid = asked.removeValue(forKey: number) { hand.add(.end(MessageAttributes(uid: uid))) }
        case .refused(.retr(let number), _):
            isOpen = false
            if let uid = asked[number] { hand.add(.missing(uid)) }
        default: break
        }
    }

    /// An empty message has no content to announce it.
    private mutating func begin() {
        guard !isOpen else { return }
        isOpen = true
        hand.add(.begin)
    }

    mutating func chunkEnded() async throws { try await hand.over() }
    mutating func ended() async throws { try await hand.finish() }
    mutating func abandoned() async { await hand.abandon() }
}
