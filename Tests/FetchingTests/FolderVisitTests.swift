import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("A visit to a folder") struct FolderVisitTests {
    @Test("brings everything the first time, then what arrived")
    func arrivals() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...30)) }
        #expect(try await test.visit().delivered == 30)
        test.server.change { $0.append(messages(31...33)) }
        #expect(try await test.visit(firstOfSession: false).delivered == 3)
        test.server.change { $0.append(messages(34...35)) }
        #expect(try await test.visit(firstOfSession: true).delivered == 2)
        #expect(test.server.fetched.map(\.description) == ["1:30", "31:33", "34:35"])
        try test.expectDelivered(messages(1...35))
        #expect(try await test.folder().delivered == 35)
    }

    @Test("asks nothing but SELECT when nothing arrived, and writes nothing")
    func unchanged() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...3)) }
        try await test.visit()
        test.server.forgetRequests()
        let counter = await CrashAfterCommits.count(test.store)
        try await test.visit(firstOfSession: false)
        #expect(test.server.requests == [.open, .select("INBOX")])
        #expect(counter.commits == 0)
    }

    @Test("checks in a new session that known UIDs still name the same messages")
    func anchors() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...20)) }
        try await test.visit()
        test.server.forgetRequests()
        try await test.visit()
        #expect(
            test.server.requests == [.open, .select("INBOX"), .look(from: UID(21), anchors: 12)])
    }

    @Test("brings what a server shows late, below messages that were fetched before")
    func belowTheCursor() async throws {
        let test = try await FetchUnderTest()
        test.server.change { folder in
            folder.append(messages(1...10))
            folder.messages[UID(4)!] = nil
        }
        try await test.visit()
        test.server.change { folder in
            folder.messages[UID(4)!] = MemoryServer.Message(4)
            folder.append(messages([11]))
        }
        #expect(try await test.visit().delivered == 2)
        try test.expectDelivered(messages(1...11))
    }

    @Test("brings all from a server that tells no UIDNEXT", arguments: [true, false])
    func withoutUIDNext(firstOfSession: Bool) async throws {
        let test = try await FetchUnderTest()
        test.server.change { folder in
            folder.tellsNext = false
            folder.append(messages(1...3))
        }
        try await test.visit()
        test.server.change { $0.append(messages(4...5)) }
        try await test.visit(firstOfSession: firstOfSession)
        try test.expectDelivered(messages(1...5))
    }

    @Test("goes on past messages that are gone when they are to be fetched")
    func gone() async throws {
        let test = try await FetchUnderTest()
        test.server.change { folder in
            folder.append(messages(1...5))
            folder.vanishing = [UID(2)!, UID(5)!]
        }
        let result = try await test.visit()
        #expect(result.delivered == 3)
        #expect(result.open == 0)
        #expect(test.recorder.events(.messageGone).count == 2)
        #expect(try await test.folder().cursor == UID(5))
        try test.expectDelivered(messages([1, 3, 4]))
    }

    @Test("looks again for what the server answered without a message, and loses none of it")
    func missing() async throws {
        let test = try await FetchUnderTest()
        test.server.change { folder in
            folder.append(messages(1...5))
            folder.withheld = [UID(3)!]
        }
        #expect(try await test.visit().open == 1)
        // It has a row of its own, and is accounted for by that.
        #expect(try await test.folder().cursor == UID(5))
        // Not in the same session only: also when nothing else changed.
        #expect(try await test.visit(firstOfSession: false).open == 1)
        test.server.change { $0.withheld = [] }
        #expect(try await test.visit(firstOfSession: false).delivered == 1)
        #expect(test.server.fetched.map(\.description) == ["1:5", "3", "3"])
        #expect(try await test.folder().cursor == UID(5))
        try test.expectDelivered(messages(1...5))
    }

    @Test("records and leaves what is too large, and says so once")
    func tooLarge() async throws {
        let test = try await FetchUnderTest { $0.maxMessageSize = 1000 }
        let large = MemoryServer.Message(2, body: String(repeating: "x", count: 2000))
        test.server.change { $0.append(messages([1]) + [large] + messages([3])) }
        let result = try await test.visit()
        #expect(result.delivered == 2)
        #expect(result.tooLarge == 1)
        try await test.visit()
        #expect(test.server.fetched.map(\.description) == ["1,3"])
        #expect(test.recorder.events(.messageTooLarge).count == 1)
        let folder = try await test.folder()
        let row = try await test.store.read { try $0.ledger.find(folder.id, epoch: folder.epoch, uid: UID(2)!) }
        #expect(row?.state == .tooLarge)
        #expect(row?.traits.identity != nil, "to know it again after a move")
        try test.expectDelivered(messages([1, 3]))
    }

    // MARK: Interrupted

    /// Four pieces a message: begin, two halves, end.
    @Test("keeps what arrived whole when the connection is lost, and fetches the rest again", arguments: 0...12)
    func connectionLost(piece: Int) async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...3)) }
        test.server.failsAtPiece { if $0 == piece { throw MemoryServer.connectionLost } }
        if piece < 12 {
            await #expect(throws: Failure.self) { try await test.visit() }
            try test.expectDelivered(messages(1..<(1 + piece / 4)))
        }
        test.server.works()
        try await test.visit()
        try test.expectDelivered(messages(1...3))
        // The one at which it broke off is asked for alone.
        #expect(test.server.fetched.dropFirst().reduce(0) { $0 + $1.count } == (piece < 12 ? 3 - piece / 4 : 0))
    }

    @Test("loses nothing and brings nothing twice, whatever request fails", arguments: 1...5)
    func requestFails(number: Int) async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...3)) }
        try await test.visit()
        test.server.change { folder in
            folder.renumber(8, messages(2...6))
        }
        let seen = Watched(0)
        test.server.fails { _, _ in
            let count = seen.update { count in
                count += 1
                return count
            }
            if count == number { throw MemoryServer.connectionLost }
        }
        // open, select, look, describe, fetch.
        await #expect(throws: Failure.self) { try await test.visit() }
        #expect(seen.value == number)
        test.server.works()
        try await test.visit()
        try test.expectDelivered(messages(1...6))
    }

    @Test("fails when the destination is full, and brings all once there is room", .enabled(if: SmallDisk.isPossible))
    func destinationFull() async throws {
        let disk = try SmallDisk(size: 256 << 10)
        let test = try await FetchUnderTest(path: disk.path + "/mail")
        test.server.change { $0.append(messages(1...5)) }
        try await test.visit()
        test.server.change { $0.append(messages(6...9)) }
        try disk.fill()
        let failure = await #expect(throws: Failure.self) { try await test.visit() }
        #expect(failure?.reason.contains("full") == true)
        #expect(failure?.scope == .direction)
        disk.free()
        try await test.visit()
        try test.expectDelivered(messages(1...9))
    }
}
