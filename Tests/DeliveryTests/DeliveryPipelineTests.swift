import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Delivery

@Suite("Delivering what streams in") struct DeliveryPipelineTests {
    /// How many files were in staging and in `new` of each destination before a commit.
    private func watch(_ test: DeliveryUnderTest) async -> Watched<[[Int]]> {
        let looks = Watched<[[Int]]>([])
        let directories = test.destinations.flatMap { [$0.maildir.staging, $0.maildir.path + "/new"] }
        await CommitWatch.arm(test.store) {
            looks.update { $0.append(directories.map { Directory.names(in: $0).count }) }
        }
        return looks
    }

    @Test("takes four steps in their order: staged, written down, published, written down")
    func steps() async throws {
        let test = try await DeliveryUnderTest()
        let looks = await watch(test)
        let pipeline = test.pipeline()
        for number in 1...3 { try await pipeline.take(DeliveryUnderTest.pieces(number)) }
        #expect(looks.value.isEmpty && test.staged().count == 3, "nothing is written down while more is coming")
        let outcome = try await pipeline.finish()
        #expect(looks.value == [[3, 0], [0, 3]])
        #expect(outcome.delivered == 3)
        #expect(try test.contents() == Set((1...3).map(DeliveryUnderTest.octets)))
        for number in 1...3 { #expect(try await test.state(number) == .delivered) }
        #expect(try await test.owed().isEmpty)
        #expect(test.recorder.events(.messageDelivered).count == 3)
    }

    @Test("feeds two destinations, each with a file of its own, and calls it delivered when both have it")
    func twoDestinations() async throws {
        let test = try await DeliveryUnderTest("one", "two")
        let looks = await watch(test)
        let pipeline = test.pipeline()
        for number in 1...2 { try await pipeline.take(DeliveryUnderTest.pieces(number)) }
        _ = try await pipeline.finish()
        #expect(looks.value == [[2, 0, 2, 0], [0, 2, 2, 0], [0, 2, 0, 2]])
        #expect(test.published(0) == test.published(1), "one name, which carries the delivery key")
        #expect(try test.contents(0) == test.contents(1))
        let name = try #require(test.published(0).first)
        let files = try test.destinations.map { try FileFacts($0.maildir.path + "/new/" + name) }
        #expect(files[0].inode != files[1].inode)
    }

    @Test("gives a file the name of its delivery key, which the ledger has too")
    func name() async throws {
        let test = try await DeliveryUnderTest()
        let pipeline = test.pipeline()
        try await pipeline.take(DeliveryUnderTest.pieces(1))
        _ = try await pipeline.finish()
        let row = try await test.store.read { [stored = test.stored] in
            try $0.ledger.find(stored.id, epoch: stored.epoch, uid: .min)
        }
        let key = try #require(row?.deliveryKey)
        #expect(test.published() == ["1800000000.K\(key).S\(test.store.mark).host"])
        #expect(row?.contentSize == Int64(DeliveryUnderTest.octets(1).count))
        var hash = ContentHash.Stream()
        hash.push(DeliveryUnderTest.octets(1)[...])
        #expect(row?.contentHash == hash.finish())
    }

    @Test("discards a message that did not come to its end, and delivers those before it")
    func cutOff() async throws {
        let test = try await DeliveryUnderTest()
        let pipeline = test.pipeline()
        try await pipeline.take(DeliveryUnderTest.pieces(1) + DeliveryUnderTest.pieces(2).dropLast())
        #expect(try await pipeline.finish().delivered == 1)
        #expect(test.staged() == [])
        #expect(try test.contents() == [DeliveryUnderTest.octets(1)])
        #expect(try await test.state(2) == nil)
    }

    @Test("tells what the server answered without a message, and makes no file of what is gone")
    func missing() async throws {
        let test = try await DeliveryUnderTest()
        let pipeline = test.pipeline()
        try await pipeline.take([.missing(UID(4)!), .gone(UID(5)!)] + DeliveryUnderTest.pieces(6))
        let outcome = try await pipeline.finish()
        #expect(outcome.missing.description == "4")
        #expect(outcome.delivered == 1)
        #expect(test.recorder.events(.messageGone).count == 1)
    }

    @Test("shares syncs and commits among many")
    func batches() async throws {
        let test = try await DeliveryUnderTest()
        let counter = await CrashAfterCommits.count(test.store)
        let pipeline = test.pipeline()
        for number in 1...450 { try await pipeline.take(DeliveryUnderTest.pieces(number)) }
        #expect(try await pipeline.finish().delivered == 450)
        #expect(test.published().count == 450)
        // At least 200 in a batch, except the last one.
        #expect(counter.commits <= 6)
    }

    // MARK: What goes wrong

    @Test("leaves nothing behind, nor in the ledger, when the disk is full", .enabled(if: SmallDisk.isPossible))
    func diskFull() async throws {
        let disk = try SmallDisk(size: 256 << 10)
        let test = try await DeliveryUnderTest("fine", disk.path + "/mail")
        try test.destinations[1].maildir.prepare()
        try disk.fill()
        let pipeline = test.pipeline()
        let failure = await #expect(throws: Failure.self) { try await pipeline.take(DeliveryUnderTest.pieces(1)) }
        #expect(failure?.scope == .direction)
        #expect(failure?.retry == .later(after: nil))
        #expect(failure?.reason.contains("free room") == true)
        #expect(try await pipeline.finish().delivered == 0)
        for index in 0..<2 { #expect(test.staged(index) == [] && test.published(index) == []) }
        #expect(try await test.state(1) == nil)
        disk.free()
        let again = test.pipeline()
        try await again.take(DeliveryUnderTest.pieces(1))
        #expect(try await again.finish().delivered == 1)
        #expect(try test.contents(0) == test.contents(1))
    }

    @Test("keeps staged files when their commit failed: it may be durable all the same")
    func commitFails() async throws {
        let test = try await DeliveryUnderTest()
        let pipeline = test.pipeline()
        try await pipeline.take(DeliveryUnderTest.pieces(1))
        await FailingCommits.arm(test.store)
        let failure = await #expect(throws: Failure.self) { try await pipeline.finish() }
        #expect(failure?.scope == .daemon)
        #expect(test.staged().count == 1)
        #expect(test.published() == [])
        #expect(await test.store.recover() == .ok)
        #expect(test.recorder.events(.messageDelivered).isEmpty)
    }

    @Test("refuses what the ledger has already, and publishes nothing of it")
    func known() async throws {
        let test = try await DeliveryUnderTest()
        let first = test.pipeline()
        try await first.take(DeliveryUnderTest.pieces(1))
        _ = try await first.finish()
        let second = test.pipeline()
        try await second.take(DeliveryUnderTest.pieces(2) + DeliveryUnderTest.pieces(1))
        await #expect(throws: Failure.self) { try await second.finish() }
        #expect(test.published().count == 1)
        #expect(try await test.state(2) == nil)
    }

    @Test("makes no new attempt with what comes after a batch that failed", .enabled(if: SmallDisk.isPossible))
    func afterAFailedBatch() async throws {
        let test = try await DeliveryUnderTest()
        let pipeline = test.pipeline()
        let (first, second) = (1...200, 201...210)
        await FailingCommits.arm(test.store)
        try await pipeline.take(first.flatMap(DeliveryUnderTest.pieces))
        try await pipeline.take(second.flatMap(DeliveryUnderTest.pieces))
        await #expect(throws: Failure.self) { try await pipeline.finish() }
        #expect(test.published() == [])
        // Those of the first batch may have rows, those of the second have none and are gone.
        #expect(test.staged().count == 200)
    }
}
