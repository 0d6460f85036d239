import Diagnostics
import MailModel
import Testing

@testable import MailProtocol

/// What a server sends, and what must come of it.
struct ParserFixture: Sendable, CustomTestStringConvertible {
    var name: String
    var wire: [UInt8]
    var events: [IMAPEvent]

    init(_ name: String, _ wire: String, _ events: [IMAPEvent]) {
        self.init(name, Array(wire.utf8), events)
    }

    init(_ name: String, _ wire: [UInt8], _ events: [IMAPEvent]) {
        self.name = name
        self.wire = wire
        self.events = events
    }

    var testDescription: String { name }
}

extension IMAPEvent {
    static func ok(_ text: String, code: IMAPResponseCode? = nil, line: String) -> IMAPEvent {
        .untagged(.status(IMAPReply(.ok, code: code, text: text, line: line)))
    }

    static func body(_ text: String) -> IMAPEvent { .bodyBytes(Array(text.utf8)[...]) }
}

extension IMAPFetch {
    init(
        _ sequenceNumber: UInt32, uid: UInt32? = nil, body: Body = .absent,
        change: (inout IMAPFetch) -> Void = { _ in }
    ) {
        self.init(sequenceNumber: sequenceNumber, uid: uid.flatMap { UID($0) })
        self.body = body
        change(&self)
    }
}

extension UIDSet {
    init(_ ranges: ClosedRange<UInt32>...) { self.init(ranges: ranges) }
}

/// Everything `parser` makes of the chunks, neighbouring body octets put together so that splits do not show.
func transcript(
    _ chunks: [[UInt8]], parser: IMAPResponseParser = IMAPResponseParser()
) throws -> [IMAPEvent] {
    var parser = parser
    var events: [IMAPEvent] = []
    for chunk in chunks {
        parser.feed(chunk)
        while let event = try parser.next() {
            if case .bodyBytes(let more) = event, case .bodyBytes(let before)? = events.last {
                events[events.count - 1] = .bodyBytes((Array(before) + more)[...])
            } else {
                events.append(event)
            }
        }
    }
    return events
}

func transcript(_ wire: String, limits: IMAPLimits = IMAPLimits()) throws -> [IMAPEvent] {
    try transcript([Array(wire.utf8)], parser: IMAPResponseParser(limits: limits))
}
