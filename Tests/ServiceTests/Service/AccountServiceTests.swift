import TestSupport
import Testing

@Suite("An account") struct AccountServiceTests {
    private static let (anna, bob) = (ServiceUnderTest.user, "bob@example.test")

    private static func names(_ service: ServiceUnderTest, _ account: String) -> [String] {
        Directory.names(in: service.directory("state/mail/\(account)/new"))
    }

    @Test("that is forgotten leaves nothing behind but its mail, and the others alone")
    func forgotten() async throws {
        let service = try await ServiceUnderTest.start(users: [Self.anna, Self.bob])
        try service.configure(others: [Self.bob])
        for user in [Self.anna, Self.bob] { try service.dovecot.deliver(MessageCorpus().messages(10), to: user) }
        let daemon = try await service.serve()
        try await service.consent()
        try await service.consent("bob", user: Self.bob)
        for account in ["anna", "bob"] {
            #expect(try await service.run("fetch", account, "--wait").status == .exited(0))
        }
        let message = "From: \(Self.bob)\nTo: a@example.org\nSubject: later\n\nx\n"
        let queued = try await service.run(
            "send", "--account", "bob", "--at", "2099-01-01T00:00:00Z", input: message)
        #expect(queued.status == .exited(0), "\(queued.errors)")
        let early = try await service.run("account", "forget", "bob")
        #expect(early.status == .exited(1) && early.errors.contains("is in the configuration"), "\(early.errors)")
        try service.configure()
        #expect(try await service.run("reload").status == .exited(0))
        let waiting = try await service.run("account", "forget", "bob")
        #expect(waiting.status == .exited(1) && waiting.errors.contains("--force"), "\(waiting.errors)")
        let forgotten = try await service.run("account", "forget", "bob", "--force", "--json")
        #expect(forgotten.status == .exited(0), "\(forgotten.errors)")
        #expect(
            forgotten.text.contains(#""credentials":1,"folders":1,"messages":10,"queued":1"#), "\(forgotten.text)")
        #expect(try await service.run("account", "forget", "bob").status == .exited(66))
        #expect(try await service.queue().isEmpty)
        #expect(Self.names(service, "bob").count == 10)
        // Anna works on, and bob is somebody new.
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(Self.names(service, "anna").count == 10)
        try service.configure(others: [Self.bob])
        #expect(try await service.run("reload").status == .exited(0))
        #expect(try await service.run("fetch", "bob", "--wait").status != .exited(0), "it has no consent")
        try await service.consent("bob", user: Self.bob)
        #expect(try await service.run("fetch", "bob", "--wait").status == .exited(0))
        #expect(Self.names(service, "bob").count == 20)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("that is forgotten leaves the consent that another account uses")
    func sharedConsent() async throws {
        let service = try await ServiceUnderTest.start()
        try service.configure(extra: "  info: {address: \(Self.anna), provider: test, receive: {}}")
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "info", "--wait").status == .exited(0))
        try service.configure()
        #expect(try await service.run("reload").status == .exited(0))
        let forgotten = try await service.run("account", "forget", "info", "--json")
        #expect(forgotten.text.contains(#""credentials":0"#), "\(forgotten.text)\(forgotten.errors)")
        #expect(await daemon.stop() == .exited(0))
        let second = try await service.serve()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(await second.stop() == .exited(0))
        await service.stop()
    }

    @Test("that is forgotten gets the mail first that was staged for it when a daemon died")
    func staged() async throws {
        let service = try await ServiceUnderTest.start()
        try service.dovecot.deliver(MessageCorpus().small(10), to: Self.anna)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        try service.dovecot.deliver(MessageCorpus(seed: 4).small(5), to: Self.anna)
        let crashed = try await service.crash(at: CrashPoint(.rename, .before, 1)) { daemon in
            try await daemon.errors.line(containing: "never said")
        }
        #expect(crashed)
        #expect(Self.names(service, "anna").count == 10)
        let file = service.directory("postbote.yaml")
        let other = try Directory.text(of: file).replacing("  anna: {", with: "  carl: {")
        try Directory.write(other, to: file, mode: 0o600)
        let second = try await service.serve()
        let forgotten = try await service.run("account", "forget", "anna", "--json")
        #expect(forgotten.text.contains(#""messages":15"#), "\(forgotten.text)\(forgotten.errors)")
        #expect(Self.names(service, "anna").count == 15)
        #expect(Directory.names(in: service.directory("state/mail/anna/postbote-staging")).isEmpty)
        #expect(await second.stop() == .exited(0))
        await service.stop()
    }

    @Test(
        "that is renamed keeps its consent and what it knows, at a reload and at a start", arguments: [true, false])
    func renamed(whileRunning: Bool) async throws {
        let service = try await ServiceUnderTest.start()
        try service.dovecot.deliver(MessageCorpus().messages(30), to: Self.anna)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        if !whileRunning { #expect(await daemon.stop() == .exited(0)) }
        let file = service.directory("postbote.yaml")
        let renamed = try Directory.text(of: file).replacing("  anna: {", with: "  berta: {previously: [anna], ")
        try Directory.write(renamed, to: file, mode: 0o600)
        if whileRunning { #expect(try await service.run("reload").status == .exited(0)) }
        let second = whileRunning ? daemon : try await service.serve()
        try service.dovecot.deliver(MessageCorpus(seed: 5).messages(3), to: Self.anna)
        let fetched = try await service.run("fetch", "berta", "--wait")
        #expect(fetched.status == .exited(0), "\(fetched.errors)")
        #expect(Self.names(service, "anna").count == 30 && Self.names(service, "berta").count == 3)
        #expect(try await service.run("status", "anna").status == .exited(66))
        #expect(try await service.run("status", "berta", "--json").text.contains(#""delivered":33"#))
        let audit = try await service.run("audit", "berta")
        #expect(audit.status == .exited(0), "\(audit.text)\(audit.errors)")
        // Its former name is nobody's: nothing is left to forget.
        #expect(try await service.run("account", "forget", "anna").status == .exited(66))
        #expect(await second.stop() == .exited(0))
        await service.stop()
    }
}
