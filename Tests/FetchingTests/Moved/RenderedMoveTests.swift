import Foundation
import MailModel
import Store
import TestSupport
import Testing

@testable import Fetching

/// Mailboxes that are moved to a server that renders every message anew.
@Suite("Random mailboxes on a server that") struct RenderedMoveTests {
    /// In all of the mailboxes together.
    struct Tally {
        /// Messages with a Message-ID and a Date that no other message of the mailbox shares.
        var distinct = 0
        var distinctAgain = 0
    }

    private static var count: Int { ProcessInfo.processInfo.environment["POSTBOTE_LONG_TESTS"] == nil ? 30 : 1000 }

    @Test(
        "lose nothing when they are moved, and bring nothing again that is not counted as doubtful",
        arguments: [[]] + Rendering.each + [.everything])
    func moved(_ rendering: Rendering) async throws {
        let store = try TemporaryStore()
        var tally = Tally()
        for seed in 0..<Self.count {
            try await move(UInt64(rendering.rawValue) << 32 + UInt64(seed), rendering, store, &tally)
        }
        #expect(tally.distinctAgain * 10_000 <= tally.distinct)
    }

    private func move(
        _ seed: UInt64, _ rendering: Rendering, _ store: TemporaryStore, _ tally: inout Tally
    ) async throws {
        let test = try await FetchUnderTest(owner: "m\(seed)", store: store)
        var mailbox = RandomMailbox(seed: seed)
        let known = mailbox.arrivals(mailbox.number(in: 3...25), after: [])
        test.server.change { $0.append(Self.messages(known)) }
        try await test.visit()
        let kept = mailbox.kept(of: known)
        let removed = Dictionary(grouping: known, by: \.self).flatMap { mail, copies in
            copies.dropLast(kept.count { $0 == mail })
        }.sorted { $0.token < $1.token }
        let gap = mailbox.arrivals(mailbox.number(in: 0...5), after: kept, removed: removed)
        let present = mailbox.rendered(kept + gap, rendering)
        test.server.change { $0.renumber(8, Self.messages(present)) }
        try await test.visit()
        try await check(test, known, gap, seed, &tally)
    }

    private func check(
        _ test: FetchUnderTest, _ known: [ComposedMessage], _ gap: [ComposedMessage], _ seed: UInt64,
        _ tally: inout Tally
    ) async throws {
        let delivered = Dictionary(grouping: try test.delivered().compactMap(ComposedMessage.token), by: \.self)
            .mapValues(
                \.count)
        let arrived = Dictionary(grouping: (known + gap).map(\.token), by: \.self).mapValues(\.count)
        var again = 0
        for (token, count) in arrived {
            let found = delivered[token] ?? 0
            #expect(found >= count, "mailbox \(seed) lost message \(token)")
            again += max(0, found - count)
        }
        let doubtful = try await test.folder().doubtful
        #expect(again <= doubtful, "mailbox \(seed): \(again) again, \(doubtful) counted as doubtful")
        let looks = Dictionary(grouping: known + gap, by: \.looks)
        for mail in known where mail["Message-ID"] != nil && mail["Date"] != nil && looks[mail.looks]?.count == 1 {
            tally.distinct += 1
            tally.distinctAgain += max(0, (delivered[mail.token] ?? 0) - 1)
        }
    }

    private static func messages(_ mails: [ComposedMessage]) -> [MemoryServer.Message] {
        mails.map { MemoryServer.Message(octets: $0.octets) }
    }
}
