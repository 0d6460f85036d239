import Diagnostics
import MailModel
import MailProtocol
import Testing

@testable import Sessions

/// What a server says it found, held against how many messages it says there are.
@Suite("The answer to a look") struct LookAnswerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let exists: Int
        var range = Look.Question.Range.all
        var since: Timestamp?
        /// What comes from the server.
        let responses: [String]
        /// The UIDs; `nil`: nothing may be concluded.
        let present: String?
        var testDescription: String { name }
    }

    private static let days = Timestamp(seconds: 1_700_000_000)
    private static let three = UID(3) ?? .max

    static let cases: [Case] = [
        Case(name: "an empty folder", exists: 0, responses: ["* SEARCH"], present: ""),
        Case(name: "an empty folder and no answer at all", exists: 0, responses: [], present: ""),
        Case(name: "a folder with all its messages", exists: 3, responses: ["* SEARCH 1 2 7"], present: "1:2,7"),
        Case(name: "the same in ranges", exists: 3, responses: ["* ESEARCH UID ALL 1:2,7"], present: "1:2,7"),
        Case(name: "nothing found in a full folder", exists: 3, responses: ["* SEARCH"], present: nil),
        Case(name: "nothing found, in ranges", exists: 3, responses: ["* ESEARCH (TAG \"A1\") UID"], present: nil),
        Case(name: "no answer at all", exists: 3, responses: [], present: nil),
        Case(
            name: "no answer at all, from a date on", exists: 3, since: days, responses: [], present: nil),
        Case(name: "too few", exists: 3, responses: ["* SEARCH 1 2"], present: nil),
        Case(
            name: "too few, from the first UID on", exists: 3, range: .from(.min), responses: ["* SEARCH 1"],
            present: nil),
        Case(name: "more than there are", exists: 3, responses: ["* ESEARCH UID ALL 1:4294967295"], present: nil),
        Case(
            name: "more than there are, from a UID on", exists: 3, range: .from(three),
            responses: ["* ESEARCH UID ALL 3:4294967295"], present: nil),
        Case(
            name: "some, from a date on", exists: 3, since: days, responses: ["* SEARCH 2"], present: "2"),
        Case(name: "none, from a date on", exists: 3, since: days, responses: ["* SEARCH"], present: ""),
        Case(name: "the new ones", exists: 3, range: .from(three), responses: ["* SEARCH 9"], present: "9"),
        Case(
            name: "the newest one, although it is below", exists: 3, range: .from(three), responses: ["* SEARCH 2"],
            present: ""),
        Case(
            name: "one removed before the answer", exists: 3, responses: ["* 2 EXPUNGE", "* SEARCH 1 7"],
            present: "1,7"),
        Case(
            name: "one removed after the answer", exists: 3, responses: ["* SEARCH 1 2 7", "* 2 EXPUNGE"],
            present: "1:2,7"),
        Case(
            name: "one arrived before the answer", exists: 2, responses: ["* 3 EXISTS", "* SEARCH 1 2 7"],
            present: "1:2,7"),
        Case(
            name: "two vanished", exists: 4, responses: ["* VANISHED 3:4", "* SEARCH 1 2"], present: "1:2"),
    ]

    @Test("is believed when it fits the number of messages, else nothing is concluded", arguments: cases)
    func answers(_ given: Case) throws {
        var parser = IMAPResponseParser()
        parser.feed(Array(given.responses.map { $0 + "\r\n" }.joined().utf8))
        var collector = LookCollector(exists: given.exists)
        while let event = try parser.next() { collector.take(event) }
        let question = Look.Question(given.range, since: given.since)
        guard let present = given.present else {
            let failure = #expect(throws: Failure.self) { try collector.answer(to: question) }
            #expect(failure?.scope == .folder)
            #expect(failure?.retry == .later(after: nil))
            return
        }
        #expect(try collector.answer(to: question).present.description == present)
    }
}
