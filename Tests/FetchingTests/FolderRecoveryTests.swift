import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("A folder whose UIDs name other messages") struct FolderRecoveryTests {
    /// How a mailbox can be moved without its UIDVALIDITY saying so, or with it.
    enum Move: Sendable, CaseIterable {
        case otherValidity, sameValidityFromOne, sameValidityShifted
    }

    private func move(_ folder: inout MemoryServer.Folder, _ move: Move, to messages: [MemoryServer.Message]) {
        switch move {
        case .otherValidity: folder.renumber(4711, messages)
        case .sameValidityFromOne: folder.renumber(folder.uidValidity, messages)
        case .sameValidityShifted:
            // Ten higher, so that UIDNEXT grows and only the anchors can tell.
            folder.renumber(folder.uidValidity, messages + messages.prefix(10))
            folder.messages = Dictionary(
                uniqueKeysWithValues: messages.enumerated().compactMap { index, message in
                    UID(UInt32(index) + 11).map { ($0, message) }
                })
        }
    }

    @Test("knows its mail again and brings only that of the gap", arguments: Move.allCases)
    func gap(by how: Move) async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...40)) }
        try await test.visit()
        // Ten were deleted, six arrived meanwhile, and the order is another one.
        let now = messages([45, 46] + (11...40).reversed() + Array(41...44))
        test.server.change { move(&$0, how, to: now) }
        test.server.forgetRequests()
        let result = try await test.visit()
        #expect(result.delivered == 6)
        #expect(test.server.fetched.map(\.count) == [6])
        #expect(try await test.folder().recognised == 30)
        #expect(try await !test.folder().isRecovering)
        try test.expectDelivered(messages(1...46))
        // And everything is in order afterwards.
        test.server.forgetRequests()
        try await test.visit()
        #expect(test.server.fetched.isEmpty)
        #expect(test.recorder.events(.folderRecovered).count == 1)
    }

    @Test("keeps delivery keys and row numbers of what it knows again")
    func keys() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...3)) }
        try await test.visit()
        let before = try await rows(test)
        test.server.change { $0.renumber(8, messages([3, 1, 2])) }
        try await test.visit()
        let after = try await rows(test)
        #expect(Set(before.map(\.id)) == Set(after.map(\.id)))
        #expect(Set(before.map(\.deliveryKey)) == Set(after.map(\.deliveryKey)))
        #expect(after.map(\.traits.identity) == [before[2], before[0], before[1]].map(\.traits.identity))
    }

    private func rows(_ test: FetchUnderTest) async throws -> [LedgerRow] {
        let folder = try await test.folder()
        return try await test.store.read { try $0.ledger.page(folder.id, epoch: folder.epoch) }
    }

    @Test("brings what was taken out of a junk folder that is gone, with its key")
    func outOfJunk() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages([1])) }
        test.server.change("Junk") { $0.append(messages([2, 3])) }
        try await test.visit()
        try await test.visit("Junk")
        test.server.state.update { $0.folders["Junk"] = nil }
        test.server.change { $0.renumber(8, messages([2, 1])) }
        #expect(try await test.visit().delivered == 1)
        try test.expectDelivered(messages([1, 2]))
        let row = try #require(try await rows(test).first)
        let junk = try await test.folder("Junk")
        let before = try await test.store.read { try $0.ledger.page(junk.id, epoch: junk.epoch) }
        #expect(before.map(\.deliveryKey).contains(row.deliveryKey))
    }

    @Test("takes as many copies of one message for known as it knew, and brings the others")
    func copies() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages([1, 1, 1, 2])) }
        try await test.visit()
        test.server.change { $0.renumber(8, messages([1, 1, 1, 1, 1, 2])) }
        #expect(try await test.visit().delivered == 2)
        try test.expectDelivered(messages([1, 1, 1, 1, 1, 2]))
    }

    /// It alone has that identity, and is another copy all the same.
    @Test("does not take a list's copy for the direct one that is gone")
    func otherCopy() async throws {
        let test = try await FetchUnderTest()
        let direct = Self.copy("")
        let list = Self.copy("List-Id: <staff.example.org>\r\n")
        test.server.change { $0.append([direct] + messages([2])) }
        try await test.visit()
        test.server.change { $0.renumber(8, [list] + messages([2])) }
        #expect(try await test.visit().delivered == 1)
        #expect(try await test.folder().recognised == 1)
        try test.expectDelivered([direct, list] + messages([2]))
    }

    private static func copy(_ fields: String) -> MemoryServer.Message {
        let text = "\(fields)Message-ID: <copy@example.org>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\nText.\r\n"
        return MemoryServer.Message(octets: Array(text.utf8))
    }

    @Test("believes the server's own id where both sides have one")
    func emailID() async throws {
        let test = try await FetchUnderTest()
        let known = [MemoryServer.Message(1, emailID: "M1"), MemoryServer.Message(2, emailID: "M2")]
        test.server.change { $0.append(known) }
        try await test.visit()
        // Exchange gave the first a Message-ID and another date.
        let moved = [MemoryServer.Message(77, emailID: "M1"), MemoryServer.Message(2, emailID: "M2")]
        test.server.change { $0.renumber(8, moved + messages([3])) }
        #expect(try await test.visit().delivered == 1)
        try test.expectDelivered(known + messages([3]))
    }

    @Test("knows again what was too large, and does not fetch it")
    func tooLarge() async throws {
        let test = try await FetchUnderTest { $0.maxMessageSize = 1000 }
        let large = MemoryServer.Message(2, body: String(repeating: "x", count: 2000))
        test.server.change { $0.append(messages([1]) + [large]) }
        try await test.visit()
        test.server.change { $0.renumber(8, [large] + messages([1, 3])) }
        try await test.visit()
        #expect(test.recorder.events(.messageTooLarge).count == 1)
        try test.expectDelivered(messages([1, 3]))
    }

    /// 500 are described at once: three chunks.
    @Test("goes on where its recovery was interrupted, after each chunk", arguments: 1...3)
    func interrupted(chunk: Int) async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...1100)) }
        try await test.visit()
        test.server.change { $0.renumber(8, messages((1...1103).reversed())) }
        test.server.forgetRequests()
        test.server.fails { request, count in
            if request.kind == "describe", count == chunk { throw MemoryServer.connectionLost }
        }
        await #expect(throws: Failure.self) { try await test.visit() }
        #expect(try await test.folder().isRecovering)
        #expect(try await test.folder().recognised == max(0, 500 * (chunk - 1) - 3))
        test.server.works()
        test.server.forgetRequests()
        #expect(try await test.visit().delivered == 3)
        // The three new ones of the first chunk are described again, because nothing says that they are not known.
        let described = test.server.requests.compactMap { if case .describe(let count) = $0 { count } else { nil } }
        #expect(described.reduce(0, +) == 1103 - max(0, 500 * (chunk - 1) - 3))
        #expect(try await test.folder().recognised == 1100)
        try test.expectDelivered(messages(1...1103))
    }

    @Test("that moves again during its recovery loses nothing")
    func movedTwice() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...600)) }
        try await test.visit()
        test.server.change { $0.renumber(8, messages((1...600).reversed())) }
        test.server.forgetRequests()
        test.server.fails { request, count in
            if request.kind == "describe", count == 2 { throw MemoryServer.connectionLost }
        }
        await #expect(throws: Failure.self) { try await test.visit() }
        test.server.works()
        test.server.change { $0.renumber(9, messages(1...602)) }
        #expect(try await test.visit().delivered == 2)
        try test.expectDelivered(messages(1...602))
    }

    @Test("that moves again during its recovery, without a word, is recovered from the beginning")
    func movedTwiceSilently() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...600)) }
        try await test.visit()
        test.server.change { $0.renumber(8, messages(1...600)) }
        test.server.forgetRequests()
        test.server.fails { request, count in
            if request.kind == "describe", count == 2 { throw MemoryServer.connectionLost }
        }
        await #expect(throws: Failure.self) { try await test.visit() }
        test.server.works()
        // Under UIDs that were recognised stand others now.
        test.server.change { $0.renumber(8, messages((601...602) + Array(1...600))) }
        #expect(try await test.visit().delivered == 2)
        try test.expectDelivered(messages(1...602))
    }

    @Test("is noticed although none of the usual anchors is there any more")
    func withoutAnchors() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...60)) }
        try await test.visit()
        let anchors = try await anchors(test)
        // Under some of the other UIDs stand new messages, and UIDNEXT is as it was.
        test.server.change { folder in
            folder.messages = Dictionary(
                uniqueKeysWithValues: folder.messages.keys.filter { !anchors.contains($0) }.sorted().enumerated().map
                {
                    ($1, MemoryServer.Message(100 + $0))
                })
        }
        let result = try await test.visit()
        #expect(result.delivered == 60 - anchors.count)
        try test.expectDelivered(messages(Array(1...60) + (100..<(160 - anchors.count))))
    }

    @Test("whose newest messages somebody removed is not recovered for that")
    func anchorsRemoved() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...60)) }
        try await test.visit()
        let anchors = try await anchors(test)
        test.server.change { folder in for uid in anchors { folder.messages[uid] = nil } }
        test.server.forgetRequests()
        #expect(try await test.visit().delivered == 0)
        #expect(
            test.server.requests == [
                .open, .select("INBOX"), .look(from: UID(61), anchors: 12), .look(from: nil, anchors: 0),
                .describe(12),
            ])
        #expect(test.recorder.events(.folderMoved).isEmpty)
    }

    private func anchors(_ test: FetchUnderTest) async throws -> [UID] {
        let folder = try await test.folder()
        return try await test.store.read { try $0.ledger.anchors(folder.id, epoch: folder.epoch).map(\.uid) }
    }

    /// Once delivered in doubt, a message counts for the known one: otherwise there would be one known too many.
    @Test("delivers as many as arrived, also at the move after messages came in doubt")
    func afterDoubt() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages([1])) }
        try await test.visit()
        for arrivals in 2...4 {
            // A server that renders every message anew; one more that looks like the known one has arrived.
            let present = (1...arrivals).map { MemoryServer.Message(1, body: "rendered \(arrivals), copy \($0)") }
            test.server.change { $0.renumber(UInt32(arrivals) + 8, present) }
            try await test.visit()
            let delivered = try test.delivered()
            #expect(delivered.contains(present[arrivals - 1].octets), "the new one is there as it came")
            #expect(delivered.count - arrivals <= (try await test.folder().doubtful))
        }
    }

    @Test("delivers as many as arrived, also at the move after a server gave them Message-IDs")
    func afterDoubtWithoutMessageID() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append([Self.alarm(0)]) }
        try await test.visit()
        for arrivals in 2...4 {
            test.server.change { $0.renumber(UInt32(arrivals) + 8, (1...arrivals).map { Self.alarm($0, "m\($0)") }) }
            try await test.visit()
            let delivered = try test.delivered()
            #expect(delivered.contains(Self.alarm(arrivals, "m\(arrivals)").octets), "the new one was lost")
            #expect(delivered.count - arrivals <= (try await test.folder().doubtful))
        }
    }

    @Test("knows a message in another folder although a look-alike was delivered in doubt for it")
    func inAnotherFolderAfterDoubt() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append([Self.scan(1)]) }
        test.server.change("Archive") { $0.append(messages([9])) }
        try await test.visit()
        try await test.visit("Archive")
        // Somebody moved the first scan away while the folder moved and the next one came.
        test.server.change { $0.renumber(8, [Self.scan(2)]) }
        test.server.change("Archive") { $0.append([Self.scan(1)]) }
        #expect(try await test.visit().delivered == 1)
        #expect(try await test.folder().doubtful == 1)
        #expect(try await test.visit("Archive").delivered == 0)
        #expect(try await test.folder("Archive").duplicates == 1)
    }

    /// Of a device without a clock, which reuses its Message-ID.
    private static func scan(_ number: Int) -> MemoryServer.Message {
        MemoryServer.Message(
            octets: Array("Message-ID: <scan@device.example.org>\r\nSubject: Scan\r\n\r\nPage \(number).\r\n".utf8))
    }

    /// One of the same second.
    private static func alarm(_ number: Int, _ messageID: String? = nil) -> MemoryServer.Message {
        let field = messageID.map { "Message-ID: <\($0)@example.org>\r\n" } ?? ""
        let text = """
            \(field)Date: Mon, 2 Nov 2026 10:00:00 +0000\r
            From: monitor@example.org\r
            Subject: alarm\r
            \r
            Number \(number).\r

            """
        return MemoryServer.Message(octets: Array(text.utf8))
    }

    @Test("by the server's own id is not recovered again because its headers changed")
    func rewritten() async throws {
        let test = try await FetchUnderTest()
        test.server.change {
            $0.append([MemoryServer.Message(1, emailID: "M1"), MemoryServer.Message(2, emailID: "M2")])
        }
        try await test.visit()
        test.server.change {
            $0.renumber(8, [MemoryServer.Message(77, emailID: "M1"), MemoryServer.Message(2, emailID: "M2")])
        }
        for _ in 0..<3 { try await test.visit() }
        #expect(test.recorder.events(.folderMoved).count == 1)
        #expect(try await test.folder().recognised == 2)
    }

    @Test("and is empty now costs nothing, and knows its mail when it comes back")
    func emptied() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...5)) }
        try await test.visit()
        test.server.change { $0.renumber(8, []) }
        try await test.visit()
        test.server.change { $0.renumber(9, messages(1...6)) }
        #expect(try await test.visit().delivered == 1)
        try test.expectDelivered(messages(1...6))
    }
}
