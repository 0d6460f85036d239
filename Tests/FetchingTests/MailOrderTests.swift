import Diagnostics
import MailModel
import Sessions
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("An operator's order about the server's copy") struct MailOrderTests {
    static let orders: [MailOrder] = [.seen, .delete, .move(to: .name("Done"))]

    /// Five messages that were fetched, with a folder “Done” on the server.
    private func fetched(_ change: (inout ReceiveSettings) -> Void = { _ in }) async throws -> FetchUnderTest {
        let test = try await FetchUnderTest(change)
        test.server.change { $0.append(messages(1...5)) }
        test.server.change("Done") { $0.append(messages([100])) }
        try await test.visit()
        return test
    }

    private func expect(
        _ order: MailOrder, done number: Int, in test: FetchUnderTest, _ comment: Comment? = nil
    ) {
        let inbox = test.present()
        let others = messages((1...5).filter { $0 != number })
        #expect(inbox.filter { !$0.isSeen } == others, comment)
        switch order {
        case .seen: #expect(inbox.count(where: \.isSeen) == 1, comment)
        case .delete: #expect(inbox.count == 4, comment)
        default: #expect(inbox.count == 4 && test.present("Done") == messages([100, number]), comment)
        }
    }

    @Test("is carried out at once, also where after_fetch keeps mail", arguments: orders, [true, false])
    func done(_ order: MailOrder, canMove: Bool) async throws {
        let test = try await fetched()
        test.server.state.update { $0.canMove = canMove }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let given = try await running.fetcher.give(order, on: try await test.key(3), in: nil, wait: true)
        #expect(given.map(\.outcome) == [.done])
        #expect(given.map(\.folder.description) == ["INBOX"])
        expect(order, done: 3, in: test)
        #expect(try await test.pending() == 0)
        #expect(test.recorder.events(.mailOrder).count == 1)
        #expect(test.recorder.events(.serverCopyChanged).count == 1)
        await running.stop()
    }

    @Test("finds the message under its new UID after the mailbox moved", arguments: orders)
    func moved(_ order: MailOrder) async throws {
        let test = try await fetched()
        test.server.change { $0.renumber(8, messages([5, 4, 3, 2, 1])) }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let given = try await running.fetcher.give(order, on: try await test.key(2), in: nil, wait: true)
        #expect(given.map(\.outcome) == [.done])
        expect(order, done: 2, in: test.sorted())
        try test.expectDelivered(messages(1...5))
        await running.stop()
    }

    /// Every request of the visit that acts fails once, before it was carried out or only its reply; the next visits come
    /// to the same end.
    @Test("comes to the same end wherever the connection breaks", arguments: orders, [true, false])
    func interrupted(_ order: MailOrder, canMove: Bool) async throws {
        var step = 1
        while true {
            let test = try await fetched()
            test.server.state.update { $0.canMove = canMove }
            try await test.give(order, on: 3)
            #expect(try await test.pending() == 1)
            let isOver = try await test.isOver(failingAt: step) { try await test.visit() }
            for _ in 0..<2 { try await test.visit() }
            expect(order, done: 3, in: test, "step \(step)")
            #expect(try await test.pending() == 0, "step \(step)")
            try test.expectDelivered(messages(1...5))
            if isOver { break }
            step += 1
        }
        #expect(step > 3)
    }

    @Test("is never about another message that stands under its UID", arguments: orders)
    func otherMessage(_ order: MailOrder) async throws {
        let test = try await fetched()
        try await test.give(order, on: 3)
        test.server.change { $0.messages[UID(3)!] = messages([77])[0] }
        await #expect(throws: Failure.self) { try await test.visit(firstOfSession: false) }
        #expect(test.present() == messages([1, 2, 77, 4, 5]))
        try await test.visit()
        #expect(test.present() == messages([1, 2, 77, 4, 5]))
        try test.expectDelivered(messages(Array(1...5) + [77]))
        // It is not there any more, which ends the order.
        #expect(try await test.pending() == 0)
        #expect(test.recorder.events(.serverCopyChanged).map(\.message).count == 1)
    }

    @Test("says that the server has the message no more", arguments: orders)
    func gone(_ order: MailOrder) async throws {
        let test = try await fetched()
        test.server.change { $0.messages[UID(3)!] = nil }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let given = try await running.fetcher.give(order, on: try await test.key(3), in: nil, wait: true)
        #expect(given.map(\.outcome) == [.gone])
        #expect(test.present() == messages([1, 2, 4, 5]))
        #expect(try await test.pending() == 0)
        await running.stop()
    }

    @Test("waits and is reported where the folder to move to is missing, and keeps nothing else waiting")
    func missingTarget() async throws {
        let test = try await fetched()
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let key = try await test.key(2)
        let given = try await running.fetcher.give(.move(to: .name("Nowhere")), on: key, in: nil, wait: true)
        #expect(given.map(\.outcome) == [.pending])
        #expect(given[0].failure?.reason.contains("no folder “Nowhere”") == true)
        let other = try await running.fetcher.give(.delete, on: try await test.key(4), in: nil, wait: true)
        #expect(other.map(\.outcome) == [.done])
        #expect(await running.fetcher.status.folderFailures["INBOX"]?.operation == "mail move")
        #expect(await running.fetcher.status.health.failure == nil)
        #expect(test.present() == messages([1, 2, 3, 5]))
        test.server.change("Nowhere") { _ in }
        #expect(try await running.fetcher.give(.seen, on: key, in: nil, wait: true).map(\.outcome) == [.done])
        #expect(test.present("Nowhere").map(\.isSeen) == [true])
        #expect(await running.fetcher.status.folderFailures.isEmpty)
        await running.stop()
    }

    @Test("that the server refuses can be replaced by another one")
    func refused() async throws {
        let test = try await fetched()
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let key = try await test.key(2)
        test.server.fails { request, _ in
            guard case .move = request else { return }
            throw Failure(.folder, .later(after: nil), operation: "UID MOVE", reason: "The quota is used up.")
        }
        let given = try await running.fetcher.give(.move(to: .name("Done")), on: key, in: nil, wait: true)
        #expect(given.map(\.outcome) == [.pending])
        #expect(given[0].failure?.reason == "The quota is used up.")
        let other = try await running.fetcher.give(.delete, on: key, in: nil, wait: true)
        #expect(other.map(\.outcome) == [.done])
        await running.stop()
        expect(.delete, done: 2, in: test)
    }

    @Test("to mark a message leaves what after_fetch wants as it is, one to move takes its place")
    func besideAfterFetch() async throws {
        let test = try await fetched { $0.afterFetch = .delete }
        try await test.give(.seen, on: 1)
        try await test.give(.move(to: .name("Done")), on: 2)
        try await test.visit()
        #expect(test.present().map(\.isSeen) == [true, false, false, false])
        #expect(test.present("Done") == messages([100, 2]))
        test.clock.advance(by: .seconds(600))
        try await test.visit()
        #expect(test.present().isEmpty)
        #expect(test.present("Done") == messages([100, 2]))
    }

    /// Message 3 of five was moved by `after_fetch` into a folder that is not watched.
    private func movedAway(tellsPlaces: Bool = true) async throws -> FetchUnderTest {
        let test = try await FetchUnderTest { $0.afterFetch = .moveToFolder("Done") }
        test.server.state.update { $0.tellsPlaces = tellsPlaces }
        test.server.change("Done") { $0.append(messages([100])) }
        test.server.change("Other") { $0.append(messages([200])) }
        test.server.change { $0.append(messages(1...5)) }
        try await test.visit()
        test.clock.advance(by: .seconds(600))
        try await test.visit()
        #expect(test.present("Done") == messages([100] + Array(1...5)))
        return test
    }

    @Test("is carried out where after_fetch moved the message to, one after the other")
    func movedCopies() async throws {
        let test = try await movedAway()
        let key = try await test.key(3)
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        for order in [MailOrder.seen, .redeliver(to: nil), .move(to: .name("Other")), .redeliver(to: nil)] {
            let given = try await running.fetcher.give(order, on: key, in: nil, wait: true)
            #expect(given.map(\.outcome) == [.done], "\(order)")
            #expect(given.map(\.folder.description) != ["INBOX"], "\(order)")
        }
        #expect(test.present("Done") == messages([100, 1, 2, 4, 5]))
        #expect(test.present("Other").map(\.isSeen) == [false, true])
        try test.expectDelivered(messages([1, 2, 3, 3, 3, 4, 5]))
        let deleted = try await running.fetcher.give(.delete, on: key, in: "Other", wait: true)
        #expect(deleted.map(\.outcome) == [.done])
        #expect(test.present("Other") == messages([200]))
        let now = test.clock.now
        await #expect(throws: MailOrderRefusal.notOnServer(removed: now, movedTo: nil)) {
            try await running.fetcher.give(.delete, on: key, in: nil, wait: false)
        }
        await running.stop()
        #expect(try await test.pending() == 0)
    }

    @Test("comes to the same end there wherever the connection breaks", arguments: orders, [true, false])
    func movedCopiesInterrupted(_ order: MailOrder, canMove: Bool) async throws {
        let order = order == .move(to: .name("Done")) ? MailOrder.move(to: .name("Other")) : order
        var step = 1
        while true {
            let test = try await movedAway()
            test.server.state.update { $0.canMove = canMove }
            try await test.give(order, on: 3)
            let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(86_400))
            let isOver = try await test.isOver(failingAt: step) { _ = try await running.fetcher.fetch() }
            for _ in 0..<2 { _ = try await running.fetcher.fetch() }
            await running.stop()
            let (done, other) = (test.present("Done"), test.present("Other"))
            switch order {
            case .seen: #expect(done.map(\.isSeen) == [false, false, false, true, false, false], "step \(step)")
            case .delete: #expect(done == messages([100, 1, 2, 4, 5]) && other.count == 1, "step \(step)")
            default: #expect(done == messages([100, 1, 2, 4, 5]) && other == messages([200, 3]), "step \(step)")
            }
            #expect(try await test.pending() == 0, "step \(step)")
            if isOver { break }
            step += 1
        }
        #expect(step > 3)
    }

    @Test("is given up there when the folder's UIDs name other messages, or it is gone", arguments: [0, 1, 2])
    func movedCopiesLost(way: Int) async throws {
        let test = try await movedAway()
        let key = try await test.key(3)
        switch way {
        case 0: test.server.change("Done") { $0.renumber(8, messages([3, 1, 2])) }
        case 1: test.server.change("Done") { $0.messages[UID(4)!] = messages([77])[0] }
        default: test.server.state.update { $0.folders["Done"] = nil }
        }
        let before = test.present("Done")
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(86_400))
        let again = try await running.fetcher.give(.redeliver(to: nil), on: key, in: nil, wait: true)
        #expect(again.map(\.outcome) == [.gone])
        let deleted = try await running.fetcher.give(.delete, on: key, in: nil, wait: true)
        #expect(deleted.map(\.outcome) == [.gone])
        await running.stop()
        #expect(test.present("Done") == before)
        #expect(try await test.pending() == 0)
        try test.expectDelivered(messages(1...5))
    }

    @Test("is refused, with the folder's name, where the server did not say where it moved the message to")
    func movedAwayUnknown() async throws {
        let test = try await movedAway(tellsPlaces: false)
        let key = try await test.key(3)
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(86_400))
        let now = test.clock.now
        await #expect(throws: MailOrderRefusal.notOnServer(removed: now, movedTo: "Done")) {
            try await running.fetcher.give(.delete, on: key, in: nil, wait: false)
        }
        await running.stop()
    }

    @Test("waits for the account, and is carried out when that is back")
    func parked() async throws {
        let test = try await fetched()
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        test.server.fails { _, _ in throw MemoryServer.connectionLost }
        let given = try await running.fetcher.give(.delete, on: try await test.key(3), in: nil, wait: true)
        #expect(given.map(\.outcome) == [.pending])
        #expect(given[0].failure?.reason == "The connection was lost.")
        test.server.works()
        _ = try await running.fetcher.fetch()
        await running.stop()
        expect(.delete, done: 3, in: test)
    }

    @Test("into the folder where the message is changes nothing")
    func movedToItself() async throws {
        let test = try await fetched()
        try await test.give(.move(to: .name("INBOX")), on: 1)
        try await test.visit()
        #expect(test.present() == messages(1...5))
        #expect(try await test.pending() == 0)
    }
}

extension FetchUnderTest {
    func present(_ folder: String = "INBOX") -> [MemoryServer.Message] {
        let messages = server.state.value.folders[folder]?.messages ?? [:]
        return messages.sorted { $0.key < $1.key }.map(\.value)
    }

    /// With INBOX in the order of the messages, whatever order a move gave it.
    func sorted() -> FetchUnderTest {
        server.change { folder in
            let sorted = folder.messages.values.sorted { $0.internalDate < $1.internalDate }
            for (uid, message) in zip(folder.messages.keys.sorted(), sorted) { folder.messages[uid] = message }
        }
        return self
    }

    /// The delivery key of the message that was fetched under this UID.
    func key(_ uid: UInt32, in name: String = "INBOX") async throws -> DeliveryKey {
        let folder = try await folder(name)
        let row = try await store.read { try $0.ledger.find(folder.id, epoch: folder.epoch, uid: UID(uid)!) }
        return try #require(row?.deliveryKey)
    }

    func pending() async throws -> Int {
        try await store.read { [accountID] in try $0.serverActions.count(accountID) }
    }

    /// Orders without a turn: the test makes the visits.
    func give(_ order: MailOrder, on uid: UInt32) async throws {
        let fetcher = AccountFetcher(
            account: account, settings: settings, accountID: accountID, destinations: destinations, connector: server,
            environment: environment, firstTurn: Self.start)
        let given = try await fetcher.give(order, on: try await key(uid), in: nil, wait: false)
        #expect(given.map(\.outcome) == [.ordered])
    }

    /// Breaks the connection at the n-th request, before it is carried out or after it, or at its n-th piece of a fetch.
    ///
    /// - Returns: whether nothing was broken, because `body` has fewer steps.
    func isOver(failingAt step: Int, _ body: () async throws -> Void) async throws -> Bool {
        let count = Watched(0)
        let check: @Sendable () throws -> Void = {
            let reached = count.update {
                $0 += 1
                return $0
            }
            if reached == step { throw MemoryServer.connectionLost }
        }
        server.fails { _, _ in try check() }
        server.losesReplies { _ in try check() }
        server.failsAtPiece { _ in try check() }
        defer { server.works() }
        do {
            try await body()
        } catch {}
        return count.value < step
    }
}
