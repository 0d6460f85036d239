import Daemon
import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("The administrator is told") struct NoticesTests {
    private static let notify = "notify: admin@example.test\nnotify_via: bob"
    private static let minutes = Duration.seconds(300)

    /// The texts of what is in the queue, with a word in them.
    private func mails(_ test: DaemonUnderTest, about word: String) async throws -> [String] {
        let queued = try await test.store.read { transaction in
            try transaction.queue.list().map { (id: $0.id, to: try transaction.queue.recipients($0.id)) }
        }
        var texts: [String] = []
        for message in queued {
            #expect(message.to.map(\.address) == ["admin@example.test"])
            let text = String(decoding: try await test.store.body(of: message.id).read(from: 0), as: UTF8.self)
            if text.contains(word) { texts.append(text) }
        }
        return texts
    }

    /// Moves the clock from one look to the next until something is true of the events.
    private func pass(
        _ test: DaemonUnderTest, by step: Duration = minutes,
        until isReached: @escaping @Sendable () async throws -> Bool
    ) async throws {
        try await within(.seconds(60), "what the administrator is told") {
            while try await !isReached() {
                try await test.clock.sleepers()
                test.clock.advance(by: step)
                await Task.yield()
            }
        }
    }

    private func stop(_ daemon: Daemon) async { await daemon.stop(within: .seconds(60)) }

    @Test("that a client secret ends, once for each reminder, also across a restart: journal, mail and status")
    func secretEnds() async throws {
        let test = try DaemonUnderTest()
        // The clock begins on 2027-01-15.
        try test.configure(
            accounts: ["anna", "bob"], client: "client_secrets: [{value: secret, expires: 2027-01-25}]",
            top: Self.notify)
        var daemon = try test.daemon()
        try await daemon.start()
        try await pass(test) { !test.recorder.events(.expiresSoon).isEmpty }
        let event = try #require(test.recorder.events(.expiresSoon).first)
        #expect(event["WHAT"] == "client secret of test" && event["DAYS"] == "14")
        #expect(event["REASON"]?.contains("client_secrets") == true && event["REASON"]?.contains("reload") == true)
        #expect(try await daemon.account(AccountName("anna")!).expires?.what == "client secret of test")
        try await pass(test) { try await test.store.read { try !$0.notices.all().isEmpty } }
        await stop(daemon)
        daemon = try test.daemon()
        try await daemon.start()
        try await pass(test) { try await test.store.read { try $0.notices.all().contains { $0.daysBefore == 7 } } }
        #expect(test.recorder.events(.expiresSoon).map { $0["DAYS"] } == ["14", "7"])
        let mails = try await mails(test, about: "client secret")
        #expect(mails.count == 2)
        #expect(mails[0].contains("Subject: Postbote on host: client secret of test ends in 14 days or less\r\n"))
        #expect(mails[0].contains("Auto-Submitted: auto-generated\r\n") && mails[0].contains("postbote reload"))
        await stop(daemon)
        await test.store.close()
    }

    @Test(
        "nothing of a secret that has a successor, or whose end nobody knows",
        arguments: [", expires: 2029-01-01", ""])
    func otherSecret(expires: String) async throws {
        let test = try DaemonUnderTest()
        try test.configure(
            accounts: ["bob"],
            client: "client_secrets: [{value: one, expires: 2027-01-20}, {value: two\(expires)}]", top: Self.notify)
        let daemon = try test.daemon()
        try await daemon.start()
        // Problems are told after the reminders.
        try await pass(test) { try await test.store.read { try $0.notices.all().contains { $0.state != nil } } }
        #expect(test.recorder.events(.expiresSoon).isEmpty)
        await stop(daemon)
        await test.store.close()
    }

    @Test("which accounts need somebody, in one mail, once, also across a restart")
    func problems() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["anna", "bob", "carl"], top: Self.notify)
        var daemon = try test.daemon()
        try await daemon.start()
        // Their first turns are a moment apart.
        try await pass(test, by: .milliseconds(50)) { [daemon] in
            try await daemon.accounts().allSatisfy { $0.receive?.state == .needsAuthorization }
        }
        try await pass(test) { try await test.store.read { try $0.notices.all().count { $0.state != nil } >= 3 } }
        var mails = try await mails(test, about: "needs_authorization")
        #expect(mails.count { $0.contains("anna") && $0.contains("bob") && $0.contains("carl") } == 1)
        #expect(mails.count == 1 && mails[0].contains("Subject: Postbote on host: 3 accounts: sign-in needed\r\n"))
        await stop(daemon)
        daemon = try test.daemon()
        try await daemon.start()
        // The mail itself cannot leave for the same reason: no news.
        try await pass(test) {
            try await test.store.read { try $0.notices.all().contains { $0.subject == "send/bob" } }
        }
        mails = try await self.mails(test, about: "needs_authorization")
        #expect(mails.count == 1)
        await stop(daemon)
        // Who left the configuration is forgotten, and told of anew when it comes back.
        try test.configure(accounts: ["bob"], top: Self.notify)
        daemon = try test.daemon()
        try await daemon.start()
        try await pass(test) { try await test.store.read { try $0.notices.all().count == 2 } }
        #expect(try await test.store.read { try $0.notices.all().map(\.subject) } == ["receive/bob", "send/bob"])
        await stop(daemon)
        await test.store.close()
    }

    @Test("by the journal alone where nobody is named")
    func nobody() async throws {
        let test = try DaemonUnderTest()
        try test.configure(accounts: ["bob"], client: "client_secrets: [{value: secret, expires: 2027-01-25}]")
        let daemon = try test.daemon()
        try await daemon.start()
        try await pass(test) { try await test.store.read { try $0.notices.all().count == 3 } }
        #expect(test.recorder.events(.expiresSoon).count == 1)
        #expect(try await mails(test, about: "").isEmpty)
        #expect(test.recorder.events(.noticeFailed).isEmpty)
        await stop(daemon)
        await test.store.close()
    }
}
