import Diagnostics
import Glibc
import MailModel
import Store
import TestSupport
import Testing

@testable import Delivery

@Suite("After a crash") struct DeliveryRecoveryTests {
    /// Where the crash was.
    enum Crash: Sendable, CaseIterable {
        /// The rows are there, nothing was renamed.
        case beforePublishing
        /// Some were renamed.
        case whilePublishing
        /// All were renamed, and the ledger does not know.
        case afterPublishing
        /// The same, and a reader has taken them from `new` since.
        case afterPublishingAndReading
        /// One of two destinations was told done.
        case betweenDestinations
    }

    @Test("every message is in every destination once, wherever it was", arguments: Crash.allCases)
    func recovered(_ crash: Crash) async throws {
        let test = try await DeliveryUnderTest("one", "two")
        let messages = try (1...3).map { try test.stage($0) }
        try await test.commitRows(messages)
        try await reach(crash, messages, test)
        #expect(try await test.recovery.run(test.accountID) > 0)
        let isRead = crash == .afterPublishingAndReading
        for index in 0..<2 {
            #expect(test.staged(index) == [])
            #expect(try test.contents(index) == (isRead ? [] : Set((1...3).map(DeliveryUnderTest.octets))))
        }
        for number in 1...3 { #expect(try await test.state(number) == .delivered) }
        let id = test.stored.id
        let folder = try await test.store.read { try $0.folders.find(id) }
        #expect(folder?.delivered == 3)
        // Twice changes nothing.
        let counter = await CrashAfterCommits.count(test.store)
        #expect(try await test.recovery.run(test.accountID) == 0)
        #expect(counter.commits == 0)
    }

    private func reach(_ crash: Crash, _ messages: [StagedMessage], _ test: DeliveryUnderTest) async throws {
        let names = messages.flatMap { $0.destinations.map(\.stagedName) }
        switch crash {
        case .beforePublishing: break
        case .whilePublishing: for name in names.prefix(2) { #expect(try Maildir.publish(name)) }
        case .afterPublishing: for name in names { #expect(try Maildir.publish(name)) }
        case .afterPublishingAndReading:
            for name in names {
                #expect(try Maildir.publish(name))
                unlink(Maildir.newDirectory(forStaged: name) + "/" + Maildir.fileName(name))
            }
        case .betweenDestinations:
            for message in messages { #expect(try Maildir.publish(message.destinations[0].stagedName)) }
            let owed = try await test.owed()
            try await test.store.write { [name = messages[0].destinations[0].name] in
                try $0.ledger.deliver(Set(owed.map(\.message)), to: name, at: DeliveryUnderTest.start)
            }
        }
    }

    @Test("a file without a row is no message: recovery leaves it to be swept")
    func withoutRow() async throws {
        let test = try await DeliveryUnderTest()
        _ = try test.stage(1)
        #expect(try await test.recovery.run(test.accountID) == 0)
        #expect(test.staged().count == 1)
        #expect(test.published() == [])
    }

    @Test("only the account's own messages are looked at")
    func otherAccount() async throws {
        let test = try await DeliveryUnderTest()
        try await test.commitRows([try test.stage(1)])
        let other = try await test.store.write {
            try $0.accounts.ensure(#require(AccountName("bob")), at: DeliveryUnderTest.start)
        }
        #expect(try await test.recovery.run(other) == 0)
        #expect(test.staged().count == 1)
    }

    // MARK: Sweeping

    @Test("what is old and owed to nobody is swept; what is owed or young is spared")
    func sweep() async throws {
        let test = try await DeliveryUnderTest()
        let owed = try test.stage(1)
        try await test.commitRows([owed])
        let orphan = try test.stage(2).destinations[0].stagedName
        let young = try test.stage(3).destinations[0].stagedName
        let started = DeliveryUnderTest.start
        for path in [owed.destinations[0].stagedName, orphan] { setModified(path, started - .seconds(60)) }
        setModified(young, started)
        let maildirs = test.destinations.map(\.maildir)
        #expect(try await test.recovery.sweep(maildirs, startedAt: started) == 1)
        let names = [owed.destinations[0].stagedName, young].map { String(Maildir.fileName($0)) }
        #expect(Set(test.staged()) == Set(names))
        #expect(try await test.recovery.sweep(maildirs, startedAt: started) == 0)
    }

    @Test("what another daemon staged in the same Maildir is its own: it may be down, and owes it all the same")
    func sharedMaildir() async throws {
        let down = try await DeliveryUnderTest()
        let owed = try down.stage(1)
        try await down.commitRows([owed])
        setModified(owed.destinations[0].stagedName, DeliveryUnderTest.start - .seconds(60))
        let other = try await DeliveryUnderTest(down.destinations[0].maildir.path)
        #expect(
            try await other.recovery.sweep(other.destinations.map(\.maildir), startedAt: DeliveryUnderTest.start) == 0
        )
        #expect(try await down.recovery.run(down.accountID) == 1)
        #expect(down.published().count == 1)
    }

    @Test("a Maildir that was never used has nothing to sweep")
    func sweepNothing() async throws {
        let test = try await DeliveryUnderTest()
        #expect(
            try await test.recovery.sweep(test.destinations.map(\.maildir), startedAt: DeliveryUnderTest.start) == 0)
    }

    private func setModified(_ path: String, _ moment: Timestamp) {
        var times = [timespec(), timespec()]
        for index in 0..<2 { times[index].tv_sec = Int(moment.seconds) }
        #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
    }
}
