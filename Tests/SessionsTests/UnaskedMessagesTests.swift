import Diagnostics
import MailModel
import MailProtocol
import TestSupport
import Testing

@testable import Sessions

/// What reaches the sink of a fetch, whatever a server sends.
@Suite("A fetch") struct UnaskedMessagesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let responses: String
        let pieces: [String]
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "takes what was asked for", responses: message(5) + message(6),
            pieces: ["begin", "mail", "end 5", "begin", "mail", "end 6"]),
        Case(
            name: "does not end a message that was not asked for", responses: message(7) + message(5),
            pieces: ["begin", "mail", "begin", "mail", "end 5"]),
        Case(
            name: "does not end a message that comes again", responses: message(5) + message(5),
            pieces: ["begin", "mail", "end 5", "begin", "mail"]),
        Case(
            name: "does not call a message missing that came", responses: message(5) + "* 1 FETCH (UID 5)\r\n",
            pieces: ["begin", "mail", "end 5"]),
        Case(
            name: "calls missing what is answered without a body", responses: "* 1 FETCH (UID 5)\r\n",
            pieces: ["missing 5"]),
        Case(name: "says nothing of what was not answered", responses: "", pieces: []),
    ]

    private static func message(_ uid: Int) -> String { "* 1 FETCH (UID \(uid) BODY[] {4}\r\nmail)\r\n" }

    @Test("hands on each message once", arguments: cases)
    func pieces(_ given: Case) async throws {
        let sink = PieceList()
        var collector = MessageCollector(asked: UIDSet([UID(5), UID(6)].compactMap(\.self)), sink: sink)
        var parser = IMAPResponseParser()
        parser.feed(Array(given.responses.utf8))
        while let event = try parser.next() { try collector.take(event) }
        try await collector.chunkEnded()
        try await collector.ended()
        #expect(sink.pieces.value == given.pieces)
    }
}

/// Remembers what it was given, in words.
private final class PieceList: MessageSink {
    let pieces = Watched<[String]>([])

    func take(_ taken: [MessagePiece]) {
        let words = taken.map { piece in
            switch piece {
            case .begin: "begin"
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .end(let attributes): "end \(attributes.uid)"
            case .missing(let uid): "missing \(uid)"
            case .gone(let uid): "gone \(uid)"
            }
        }
        pieces.update { $0 += words }
    }
}
