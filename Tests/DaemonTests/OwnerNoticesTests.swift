import Console
import Diagnostics
import MailModel
import Operations
import TestSupport
import Testing

@testable import Daemon
@testable import Store

@Suite("Telling the owners of mailboxes that they are needed") struct OwnerNoticesTests: LinkScene {
    @Test("tells each owner once with a link, also across a restart, and nobody where it is not wanted")
    func notified() async throws {
        let (test, before) = try await running(top: "notify_owner: true")
        var daemon = before
        // Each mail first, then that it was sent.
        try await pass(test) {
            try await test.store.read { try $0.notices.all().count { $0.subject.hasPrefix("owner/") } >= 2 }
        }
        let first = try await mails(test)
        #expect(first.map(\.to).sorted() == ["anna@example.test", "bert@example.test"])
        for mail in first {
            guard case .open = try await daemon.look(at: Secret(mail.link)) else {
                Issue.record("a link that was mailed is not open")
                continue
            }
        }
        #expect(test.recorder.events(.linkCreated).allSatisfy { $0["WAY"] == "notify_owner" })
        let notices = try await test.store.read { try $0.notices.all().map(\.subject) }
        #expect(notices.contains("owner/test/anna@example.test") && notices.contains("owner/test/bert@example.test"))
        await daemon.stop(within: .seconds(60))
        daemon = try test.daemon()
        try await daemon.start()
        // Two looks and more, after which everybody is known to need their owner again.
        let later = test.clock.now + .seconds(3600)
        try await pass(test) { [daemon] in
            try await daemon.account(AccountName("bert")!).receive?.state == .needsAuthorization
                && test.clock.now >= later
        }
        #expect(try await mails(test).count == 2)
        #expect(try await test.store.read { try $0.notices.all().count { $0.subject.hasPrefix("owner/") } } == 2)
        await stop(test, daemon)
        let (quiet, other) = try await running()
        try await pass(quiet) { try await quiet.store.read { try $0.notices.all().count { $0.state != nil } >= 2 } }
        #expect(try await mails(quiet).isEmpty)
        await stop(quiet, other)
    }

    @Test("says once what keeps mail from an owner, who counts as told only when it is on its way")
    func untold() async throws {
        let (test, daemon) = try await running(["anna"])
        let consent = try #require(await daemon.missingConsents().first)
        try await refuseMail(test)
        for _ in 0..<3 { #expect(await !daemon.tell(consent)) }
        #expect(test.recorder.events(.noticeFailed).count == 1)
        #expect(try await told(test).isEmpty)
        try await takeMail(test)
        #expect(await daemon.tell(consent))
        #expect(try await told(test) == ["owner/test/anna@example.test"])
        #expect(try await mails(test).map(\.to) == ["anna@example.test"])
        await stop(test, daemon)
    }

    @Test("mails nobody through the account that lacks their own consent")
    func ownConsentNotified() async throws {
        let test = try DaemonUnderTest()
        try test.configure(
            accounts: ["anna", "bert"], top: Self.console.replacing("notify_via: office", with: "notify_via: bert"))
        let daemon = try test.daemon()
        try await daemon.start()
        let consents = await daemon.missingConsents()
        try #require(consents.map(\.account.name.text) == ["anna", "bert"])
        #expect(await daemon.tell(consents[0]))
        for _ in 0..<2 { #expect(await !daemon.tell(consents[1])) }
        #expect(test.recorder.events(.noticeFailed).count == 1)
        #expect(try await told(test) == ["owner/test/anna@example.test"])
        #expect(try await mails(test).map(\.to) == ["anna@example.test"])
        await stop(test, daemon)
    }

    private func told(_ test: DaemonUnderTest) async throws -> [String] {
        try await test.store.read { try $0.notices.all().map(\.subject).filter { $0.hasPrefix("owner/") } }
    }

    @Test("leaves alone an owner who has a young link, or is signing in with one")
    func beingAsked() async throws {
        let (test, daemon) = try await running(["anna"], top: "notify_owner: true")
        let token = try token(try await daemon.makeLink(anna, lifetime: Self.hour, mail: false))
        try await pass(test, by: .seconds(1)) { [anna] in
            try await daemon.account(anna).receive?.state == .needsAuthorization
        }
        test.clock.advance(by: Limits.problemPatience)
        await daemon.tellOwners()
        #expect(try await mails(test).isEmpty)
        // Past the half.
        test.clock.advance(by: .seconds(1800))
        _ = try await daemon.begin(token, in: .fresh)
        await daemon.tellOwners()
        #expect(try await mails(test).isEmpty)
        guard case .open = try await daemon.look(at: token) else {
            Issue.record("a sign-in under way was ended")
            return
        }
        test.clock.advance(by: .seconds(601))
        await daemon.tellOwners()
        #expect(Set(try await mails(test).map(\.to)) == ["anna@example.test"])
        #expect(try await daemon.look(at: token) == .closed(.replaced))
        await stop(test, daemon)
    }

    @Test("tells one person of all mailboxes they open, in one mail")
    func shared() async throws {
        let (test, daemon) = try await running(
            top: "notify_owner: true", shared: ", authorized_as: boss@example.test")
        try await pass(test) {
            try await test.store.read { try $0.notices.all().contains { $0.subject.hasPrefix("owner/") } }
        }
        let mails = try await mails(test)
        #expect(mails.map(\.to) == ["boss@example.test"])
        await stop(test, daemon)
    }

    @Test("forgets that it told an owner who left the configuration")
    func forgotten() async throws {
        let (test, daemon) = try await running(["anna"], top: "notify_owner: true")
        try await pass(test) {
            try await test.store.read {
                try $0.notices.all().contains { $0.subject == "owner/test/anna@example.test" }
            }
        }
        try test.configure(accounts: ["bert"], top: Self.console + "\nnotify_owner: true", office: true)
        _ = try await daemon.reload()
        try await pass(test) {
            try await test.store.read {
                try $0.notices.all().map(\.subject).filter { $0.hasPrefix("owner/") } == [
                    "owner/test/bert@example.test"
                ]
            }
        }
        await stop(test, daemon)
    }
}
