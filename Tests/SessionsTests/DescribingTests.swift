import Diagnostics
import MailModel
import MailProtocol
import TestSupport
import Testing

@testable import Sessions

/// How descriptions of messages come out, whatever a server sends and however much.
@Suite("Descriptions") struct DescribingTests {
    private static let all = UIDSet(UID.min...UID(1_200)!)

    /// The batches that come of `responses`, which arrive in one piece each.
    private func batches(_ pieces: [String], asked: UIDSet = all) async throws -> [[MessageSummary]] {
        let batches = Watched<[[MessageSummary]]>([])
        let hand = SummaryHand { batch in batches.update { $0.append(batch) } }
        var collector = SummaryCollector(asked: asked, hand: hand)
        var parser = IMAPResponseParser()
        for piece in pieces {
            parser.feed(Array(piece.utf8))
            while let event = try parser.next() { collector.take(event) }
            try await collector.chunkEnded()
        }
        try await collector.ended()
        return batches.value
    }

    private func line(_ uid: Int, _ header: String = "Message-ID: <1@x.test>\r\n\r\n") -> String {
        "* \(uid) FETCH (UID \(uid) RFC822.SIZE \(uid) BODY[HEADER.FIELDS (MESSAGE-ID)] {\(header.utf8.count)}\r\n\(header))\r\n"
    }

    @Test("come in batches of at most 500, from one piece or many")
    func batchSizes() async throws {
        let lines = (1...1_200).map { line($0) }
        for pieces in [[lines.joined()], lines] {
            let batches = try await batches(pieces)
            #expect(batches.map(\.count) == [500, 500, 200])
            #expect(batches.joined().map { Int($0.uid.rawValue) } == Array(1...1_200))
            #expect(batches.joined().allSatisfy { $0.size == Int64($0.uid.rawValue) && $0.headers?.messageID != nil })
        }
    }

    @Test("of messages with huge headers come in smaller batches")
    func hugeHeaders() async throws {
        let header = "Message-ID: <1@x.test>\r\nSubject: " + String(repeating: "x", count: 100_000) + "\r\n\r\n"
        let batches = try await batches((1...10).map { line($0, header) })
        #expect(batches.map(\.count) == [3, 3, 3, 1])
    }

    @Test("come once for each message that was asked for, and not for flags that changed")
    func once() async throws {
        let responses = [
            line(5), "* 5 FETCH (UID 5 FLAGS (\\Seen))\r\n", line(5), line(7), "* 6 FETCH (FLAGS ())\r\n",
            "* 6 FETCH (UID 6 INTERNALDATE \" 7-Jul-1996 02:44:25 -0700\" RFC822.SIZE 9)\r\n",
        ]
        let summaries = try await batches([responses.joined()], asked: UIDSet(UID(5)!...UID(6)!)).flatMap { $0 }
        #expect(summaries.map(\.uid.rawValue) == [5, 6])
        #expect(summaries.last?.internalDate == Timestamp(seconds: 836_732_665))
        #expect(summaries.first?.internalDate == nil)
    }

    @Test(
        "with a date that is none have no date",
        arguments: ["NIL", "\"\"", "\"yesterday\"", "\"32-Jan-1970 00:00:00 +0000\""])
    func garbledDate(date: String) async throws {
        let summaries = try await batches(["* 5 FETCH (UID 5 INTERNALDATE \(date) RFC822.SIZE 9)\r\n"]).flatMap { $0 }
        #expect(summaries == [MessageSummary(uid: UID(5)!, size: 9)])
    }

    @Test("that cannot be taken end the operation")
    func refusedByTaker() async throws {
        let hand = SummaryHand { _ in throw CancellationError() }
        var collector = SummaryCollector(asked: Self.all, hand: hand)
        var parser = IMAPResponseParser()
        parser.feed(Array(line(1).utf8))
        while let event = try parser.next() { collector.take(event) }
        await #expect(throws: CancellationError.self) { try await collector.ended() }
    }

    @Test("are read on while those before are being taken")
    func meanwhile() async throws {
        let taking = Watched(false)
        let goOn = Gate()
        let hand = SummaryHand { _ in
            taking.update { $0 = true }
            try await goOn.passed()
        }
        var collector = SummaryCollector(asked: Self.all, hand: hand)
        for uid in 1...500 { collector.take(.fetched(Self.fetch(uid))) }
        try await collector.chunkEnded()
        try await taking.wait(for: "the first batch") { $0 }
        // The next ones go in while the first are not taken yet.
        for uid in 501...700 { collector.take(.fetched(Self.fetch(uid))) }
        try await collector.chunkEnded()
        goOn.open()
        try await collector.ended()
    }

    private static func fetch(_ uid: Int) -> IMAPFetch {
        var fetch = IMAPFetch(sequenceNumber: UInt32(uid), uid: UID(UInt32(uid)))
        fetch.size = 1
        return fetch
    }

    @Test("are asked for in as many commands as it takes")
    func commands() async throws {
        let uids = UIDSet((0..<600).compactMap { UID(1_000_000_000 + $0 * 2) })
        let lines = IMAPCommand.fetch(uids, [.uid, .size]).count
        #expect(lines > 5)
        let tags = (0..<lines).map { "$t\($0)" }
        // The fifth is sent when the first is answered, and so on.
        let opening = tags.prefix(4).map { "C: \($0) UID FETCH $* (UID RFC822.SIZE)\n" }.joined()
        let rest = tags.dropFirst(4).enumerated().map { index, tag in
            "S: \(tags[index]) OK done\nC: \(tag) UID FETCH $* (UID RFC822.SIZE)\n"
        }.joined()
        let last = tags.suffix(4).map { "S: \($0) OK done\n" }.joined()
        try await ChangingDialog.run(.bare, opening + rest + last) { mailbox in
            let summaries = try await mailbox.describe(uids, .size)
            #expect(summaries.isEmpty)
        }
    }

    @Test("that the server refuses leave the dialog in step, and no more is asked than was under way")
    func refused() async throws {
        let uids = UIDSet((0..<1_000).compactMap { UID(1_000_000_000 + $0 * 2) })
        let tags = ["$f", "$g", "$h", "$i"]
        let dialog =
            tags.map { "C: \($0) UID FETCH $* (UID RFC822.SIZE INTERNALDATE)\n" } + tags.map { "S+ \($0) BAD no\n" }
        try await ChangingDialog.run(.bare, dialog.joined()) { mailbox in
            let failure = await #expect(throws: Failure.self) { try await mailbox.describe(uids, .date) }
            #expect(failure?.scope == .folder)
            #expect(await !mailbox.isOutOfStep)
        }
    }
}
