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

/// What TOP answers, message by message.
struct POP3Headers: POP3Collector {
    private var scanner = HeaderScanner()
    private(set) var headers: [POP3MessageNumber: MessageHeaders] = [:]

    mutating func take(_ action: POP3Action) {
        switch action {
        case .content(let octets): scanner.push(octets[...])
        case .done(.top(let number, _)):
            headers[number] = scanner.finish()
            scanner.reset()
        case .refused: scanner.reset()
        default: break
        }
    }
}

/// Hands messages on while they stream.
struct POP3Messages: POP3Collector {
    /// What is still to come: a number that a server listed twice is one message.
    private var asked: [POP3MessageNumber: UID]
    private var hand: SinkHand
    private var isOpen = false

    init(asked: [POP3MessageNumber: UID], hand: SinkHand) {
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
