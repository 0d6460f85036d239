import Daemon
import Diagnostics
import MailModel
import Operations
import Store
import TestSupport
import Testing

/// Nobody has signed in, so that what is to be sent is parked.
@Suite("The administrator is told of messages that stepped aside") struct PutAsideTests {
    private static let notify = "notify: admin@example.test\nnotify_via: bob"

    private func submit(_ daemon: Daemon, from name: String, _ count: Int = 1) async throws {
        for number in 0..<count {
            let (content, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
            continuation.yield(Array("Subject: \(number)\r\n\r\nText\r\n".utf8))
            continuation.finish()
            var submission = Operations.Submission(
                account: AccountName(name), recipients: ["kunde@example.org"],
                peer: Peer(user: 0, group: 0, process: 1))
            submission.sender = "\(name)@example.test"
            submission.addsMissingFrom = true
            _ = try await daemon.submit(submission, MessageContent(content))
        }
    }

    /// The texts of the notices about them.
    private func mails(_ test: DaemonUnderTest) async throws -> [String] {
        let ids = try await test.store.read { transaction in
            try transaction.queue.list().map(\.id).filter {
                try transaction.queue.recipients($0).map(\.address) == ["admin@example.test"]
            }
        }
        var texts: [String] = []
        for id in ids {
            let text = String(decoding: try await test.store.body(of: id).read(from: 0), as: UTF8.self)
            if text.contains("Subject: Postbote on host: anna: ")
                && (text.contains(" held\r\n") || text.contains(" in quarantine\r\n"))
            {
                texts.append(text)
            }
        }
        return texts
    }

    private func held(_ test: DaemonUnderTest) async throws -> [QueueID] {
        try await test.store.read { try $0.queue.list().filter { $0.state == .held }.map(\.id) }
    }

    /// Lets time pass from one look to the next.
    private func pass(
        _ test: DaemonUnderTest, _ what: String, until isReached: @escaping @Sendable () async throws -> Bool
    ) async throws {
        try await within(.seconds(60), what) {
            while try await !isReached() {
                try await test.clock.sleepers()
                test.clock.advance(by: .seconds(300))
                await Task.yield()
            }
        }
    }

    private func pass(_ test: DaemonUnderTest, _ time: Duration) async throws {
        let end = test.clock.now + time
        try await pass(test, "\(time)") { test.clock.now >= end }
    }

    /// When it is written down that a notice was queued.
    private func lastTold(_ test: DaemonUnderTest, after earlier: Timestamp?) async throws -> Timestamp {
        while true {
            let told = try await test.store.read { try $0.notices.lastTold("put_aside") }
            if let told, told != earlier { return told }
            await Task.yield()
        }
    }

    @Test("held by parked_max: once, whatever is held of the notices themselves; with others in one mail")
    func held() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["anna", "bob"], top: Self.notify, send: "{parked_max: 2h}")
        var daemon = try test.daemon()
        try await daemon.start()
        try await submit(daemon, from: "anna")
        try await pass(test, "the notice") { try await !mails(test).isEmpty }
        let mail = try #require(try await mails(test).first)
        #expect(mail.contains("Subject: Postbote on host: anna: 1 message held"), "\(mail)")
        #expect(mail.contains("postbote queue release --account anna\r\n"))
        // That and all other notices are held, too, in the account that they should go through.
        try await pass(test, .seconds(12 * 3600))
        #expect(try await mails(test).count == 1)
        await daemon.stop(within: .seconds(60))
        daemon = try test.daemon()
        try await daemon.start()
        try await pass(test, .seconds(3600))
        #expect(try await mails(test).count == 1)
        // All that is held at the same time, but for what an operator holds.
        try await submit(daemon, from: "anna", 13)
        let ids = try await test.store.write { [now = test.clock.now] transaction in
            let ids = try transaction.queue.list().filter { $0.state == .queued || $0.state == .deferred }.map(\.id)
                .filter { try transaction.queue.recipients($0).map(\.address) == ["kunde@example.org"] }
            for id in ids.dropFirst() { _ = try transaction.queue.hold(id, reason: "parked", at: now) }
            _ = try transaction.queue.order(.hold, ids[0], at: now)
            return ids
        }
        try await pass(test, "the second notice") { try await mails(test).count == 2 }
        let second = try #require(try await mails(test).first { $0.contains("anna: 12 messages held") })
        #expect(ids.count { second.contains("\r\n- \($0)\r\n") } == 10)
        #expect(!second.contains(ids[0].description) && second.contains("\r\n- and 2 more\r\n"), "\(second)")
        // What is held once more is told once more.
        try await test.store.write { [now = test.clock.now] transaction in
            _ = try transaction.queue.order(.release, ids[1], at: now)
            _ = try transaction.queue.hold(ids[1], reason: "parked", at: now)
        }
        try await pass(test, "the third notice") { try await mails(test).count == 3 }
        await daemon.stop(within: .seconds(60))
        await test.store.close()
    }

    @Test("put into quarantine: with folder, UID and reason, and no second mail within an hour")
    func quarantined() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["anna", "bob"], top: Self.notify)
        let daemon = try test.daemon()
        try await daemon.start()
        let quarantine: @Sendable (ClosedRange<UInt32>) async throws -> Void = { uids in
            try await test.store.write { [now = test.clock.now] transaction in
                let account = try #require(try transaction.accounts.all().first { $0.name.text == "anna" })
                var folder = try transaction.folders.ensure(account.id, serverName: "INBOX", role: .inbox)
                if folder.uidValidity == nil {
                    folder = try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(7))
                }
                for uid in uids {
                    try transaction.obstacles.record(
                        folder.id, epoch: folder.epoch, uid: UID(uid)!, nextAttempt: nil,
                        reason: "The server gave no text.", at: now)
                }
            }
        }
        try await quarantine(4...4)
        try await pass(test, "the notice") { try await !mails(test).isEmpty }
        let mail = try #require(try await mails(test).first)
        #expect(
            mail.contains("anna: 1 message in quarantine") && mail.contains("INBOX, UID 4: The server gave no text."))
        #expect(mail.contains("postbote quarantine list --account anna"))
        let first = try await lastTold(test, after: nil)
        try await quarantine(5...6)
        try await pass(test, "the second notice") { try await mails(test).count == 2 }
        #expect(try await lastTold(test, after: first) - first >= .seconds(3600))
        #expect(try await mails(test).contains { $0.contains("anna: 2 messages in quarantine") })
        await daemon.stop(within: .seconds(60))
        await test.store.close()
    }

    @Test("in the notice that was due before a crash, and in no other one")
    func interrupted() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["anna", "bob"], top: Self.notify, send: "{parked_max: 2h}")
        var daemon = try test.daemon()
        try await daemon.start()
        try await submit(daemon, from: "anna")
        await daemon.stop(within: .seconds(60))
        try await test.store.write { [now = test.clock.now] transaction in
            for message in try transaction.queue.list() {
                _ = try transaction.queue.hold(message.id, reason: "parked", at: now)
            }
        }
        // It ended between its queue and its memory.
        try await test.store.write { try $0.putAside.gather(into: "put_aside/before") }
        let told = try await test.store.read { try $0.putAside.told(in: "put_aside/before") }
        #expect(told.count == 1, "\(told)")
        daemon = try test.daemon()
        try await daemon.start()
        try await pass(test, "the notice") {
            try await test.store.read { try $0.queue.list().contains { $0.idempotencyKey == "put_aside/before" } }
        }
        try await pass(test, "its end") { try await test.store.read { try $0.putAside.unfinishedNotice() == nil } }
        await daemon.stop(within: .seconds(60))
        daemon = try test.daemon()
        try await daemon.start()
        try await pass(test, .seconds(3 * 3600))
        await daemon.stop(within: .seconds(60))
        #expect(try await mails(test).count == 1)
        await test.store.close()
    }
}
