import MailModel
import Testing

@testable import Fetching

@Suite("Messages that are new") struct BacklogTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var new: [ClosedRange<UInt32>]
        var cursor: UInt32?
        var now: [ClosedRange<UInt32>] = []
        var later: [ClosedRange<UInt32>] = []

        init(
            _ name: String, _ new: [ClosedRange<UInt32>], above cursor: UInt32? = nil,
            now: [ClosedRange<UInt32>] = [], later: [ClosedRange<UInt32>] = []
        ) {
            testDescription = name
            self.new = new
            self.cursor = cursor
            self.now = now
            self.later = later
        }
    }

    @Test(
        "wait behind what arrives when they are many",
        arguments: [
            Case("none", []),
            Case("few, at the first visit", [1...10], now: [1...10]),
            Case("many, at the first visit", [1...11], later: [1...11]),
            Case("few that arrived", [101...110], above: 100, now: [101...110]),
            Case("many that arrived: after an outage", [101...111], above: 100, later: [101...111]),
            Case("few that arrived, many below", [1...50, 101...105], above: 100, now: [101...105], later: [1...50]),
            Case("many that arrived, many below", [1...50, 101...190], above: 100, later: [1...50, 101...190]),
            Case("few everywhere", [1...5, 101...105], above: 100, now: [1...5, 101...105]),
            Case("many below the highest UID", [1...50], above: .max, later: [1...50]),
        ])
    func split(_ test: Case) {
        let cursor = test.cursor.flatMap { UID($0) }
        let (now, later) = Backlog.split(UIDSet(ranges: test.new), above: cursor, atMost: 10)
        #expect(now.ranges == test.now)
        #expect(later.ranges == test.later)
    }

    @Test("are taken from above")
    func suffix() {
        let uids = UIDSet(ranges: [1...3, 7...7, 10...20])
        #expect(uids.suffix(0).isEmpty)
        #expect(uids.suffix(5).ranges == [16...20])
        #expect(uids.suffix(11).ranges == [10...20])
        #expect(uids.suffix(13).ranges == [3...3, 7...7, 10...20])
        #expect(uids.suffix(100) == uids)
        #expect(UIDSet(ranges: [UInt32.max...UInt32.max]).suffix(2).ranges == [UInt32.max...UInt32.max])
    }
}
