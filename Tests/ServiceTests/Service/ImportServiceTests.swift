import Glibc
import TestSupport
import Testing

@Suite("When the state is lost,") struct ImportServiceTests {
    private static let user = ServiceUnderTest.user

    private static func names(_ maildir: String) -> [String] {
        Directory.names(in: maildir + "/new") + Directory.names(in: maildir + "/cur")
    }

    @Test("importing the Maildir lets the first visit fetch only what is new", arguments: ["imap", "pop3"])
    func lost(mailProtocol: String) async throws {
        let isIMAP = mailProtocol == "imap"
        let service = try await ServiceUnderTest.start()
        let mail = service.directory("mail")
        let folders = isIMAP ? ", folders: [INBOX, Kunden/2026]" : ""
        try service.configure(
            receive: "protocol: \(mailProtocol), deliver_to: [inbox]\(folders)",
            extra: "destinations: {inbox: {type: maildir, path: \"\(mail)\"}}")
        let corpus = Array(MessageCorpus().messages(320)).filter { !$0.isEmpty }
        try service.dovecot.deliver(corpus.prefix(300), to: Self.user)
        try service.dovecot.deliver(corpus.suffix(20), to: Self.user, folder: "Kunden/2026")
        let first = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(Self.names(mail).count == 300)
        // Mails that INBOX has, too, are delivered from there.
        let inSubfolder = Self.names(mail + "/.Kunden.2026").count
        #expect(isIMAP ? inSubfolder > 10 : inSubfolder == 0)
        #expect(await first.stop() == .exited(0))
        Directory.remove(service.state)
        // A reader has looked at some of it.
        for name in Directory.names(in: mail + "/new").prefix(100) {
            #expect(rename("\(mail)/new/\(name)", "\(mail)/cur/\(name):2,S") == 0)
        }
        let second = try await service.serve()
        let rehearsal = try await service.run("import", "maildir", "--account", "anna", "--dry-run", mail)
        #expect(rehearsal.status == .exited(0), "\(rehearsal.errors)")
        let done = try await service.run("import", "maildir", "--account", "anna", mail)
        #expect(done.status == .exited(0), "\(done.errors)")
        #expect(done.text == rehearsal.text)
        #expect(done.text.contains("INBOX") && done.text.contains("300"))
        let again = try await service.run("import", "maildir", "--account", "anna", mail, "--json")
        #expect(again.text.contains(#""learned":0"#) && !again.text.contains(#""learned":300"#), "\(again.text)")
        try service.dovecot.deliver(MessageCorpus(seed: 9).messages(5), to: Self.user)
        try await service.consent()
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(0), "\(fetched.errors)")
        #expect(Self.names(mail).count == 305)
        #expect(Self.names(mail + "/.Kunden.2026").count == inSubfolder)
        let audit = try await service.run("audit", "anna")
        #expect(audit.status == .exited(0), "\(audit.text)\(audit.errors)")
        #expect(await second.stop() == .exited(0))
        await service.stop()
    }

    @Test("an import that is killed again and again comes to the same end")
    func killed() async throws {
        let service = try await ServiceUnderTest.start()
        let mail = service.directory("mail")
        for name in ["cur", "new"] { try Directory.create("\(mail)/\(name)", mode: 0o700) }
        for (number, message) in MessageCorpus().small(2000).enumerated() {
            try Directory.write(message, to: "\(mail)/cur/\(number).other:2,S")
        }
        // Nearly all commits from the signal on are the import's.
        let signal = service.directory("begun")
        for moment in [CrashPoint.Moment.after, .before, .after] {
            let crashed = try await service.crash(at: CrashPoint(.commit, moment, 3), from: signal) {
                daemon in
                try await daemon.errors.line(containing: "EVENT=ready")
                try Directory.write("", to: signal)
                _ = try await service.run("import", "maildir", "--account", "anna", mail)
                try await daemon.errors.line(containing: "never said")
            }
            #expect(crashed)
            unlink(signal)
        }
        let daemon = try await service.serve()
        let done = try await service.run("import", "maildir", "--account", "anna", mail, "--json")
        #expect(done.status == .exited(0) && done.text.contains(#""files":2000"#), "\(done.errors)\(done.text)")
        // Some of it had been learned before.
        #expect(!done.text.contains(#""known":0"#) && !done.text.contains(#""learned":0"#), "\(done.text)")
        let again = try await service.run("import", "maildir", "--account", "anna", mail, "--json")
        #expect(again.text.contains(#""known":2000,"learned":0"#), "\(again.text)")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    /// Begins an import of `mail` that goes on until what it reads is made empty: a file without end in `new`, which an
    /// import reads before `cur`.
    private static func beginEndless(
        _ mail: String, of service: ServiceUnderTest, for account: String = "anna"
    ) async throws -> (command: ChildProcess, file: String) {
        let file = mail + "/new/1.endless"
        try Directory.write("", to: file)
        guard truncate(file, 1 << 42) == 0 else { throw SystemError("truncate", path: file) }
        let command = try await FileWatch.opened(file) {
            try service.begin("import", "maildir", "--account", account, mail)
        }
        return (command, file)
    }

    @Test("nothing is fetched before an import has ended, also when a reload enables the account meanwhile")
    func enabledMeanwhile() async throws {
        let bob = "bob@example.test"
        let service = try await ServiceUnderTest.start(users: [Self.user, bob])
        let mail = service.directory("mail")
        for name in ["cur", "new"] { try Directory.create("\(mail)/\(name)", mode: 0o700) }
        let corpus = Array(MessageCorpus().small(20))
        try service.dovecot.deliver(corpus, to: Self.user)
        for (number, message) in try await service.served().enumerated() {
            try Directory.write(message, to: "\(mail)/cur/\(number).other:2,S")
        }
        try service.configure(receive: "enabled: false")
        let daemon = try await service.serve()
        try await service.consent()
        let (command, file) = try await Self.beginEndless(mail, of: service)
        try service.configure(others: [bob])
        // Neither this nor the other account waits for the import.
        #expect(try await service.run("reload").status == .exited(0))
        try await service.consent("bob", user: bob)
        #expect(try await service.run("fetch", "bob", "--wait").status == .exited(0))
        let fetching = try service.begin("fetch", "anna", "--wait")
        // Changed once more: the fetcher that waits for the import ends at once, and the next one waits.
        try service.configure(receive: "poll_interval: 2h", others: [bob])
        let reloaded = try await service.run("reload")
        #expect(reloaded.status == .exited(0) && reloaded.text.contains("anna"), "\(reloaded.errors)")
        #expect(Directory.names(in: service.new).isEmpty)
        #expect(truncate(file, 0) == 0)
        #expect(try await command.exit() == .exited(0))
        // It was told that the account was changed, or came after that.
        try await fetching.exit()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(Directory.names(in: service.new).isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("an account is not forgotten while an import learns its mail")
    func forgottenMeanwhile() async throws {
        let service = try await ServiceUnderTest.start()
        let mail = service.directory("mail")
        for name in ["cur", "new"] { try Directory.create("\(mail)/\(name)", mode: 0o700) }
        try Directory.write(MessageCorpus().small(1)[0], to: "\(mail)/cur/0.other:2,S")
        try service.configure(others: ["bob@example.test"])
        let daemon = try await service.serve()
        let (command, file) = try await Self.beginEndless(mail, of: service, for: "bob")
        try service.configure()
        #expect(try await service.run("reload").status == .exited(0))
        let refused = try await service.run("account", "forget", "bob")
        #expect(refused.status == .exited(1) && refused.errors.contains("is being imported"), "\(refused.errors)")
        #expect(truncate(file, 0) == 0)
        #expect(try await command.exit() == .exited(0))
        let forgotten = try await service.run("account", "forget", "bob", "--json")
        #expect(forgotten.status == .exited(0) && forgotten.text.contains(#""messages":2"#), "\(forgotten.text)")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("the end of the daemon ends an import, whose command says that it can be run again")
    func stopped() async throws {
        let service = try await ServiceUnderTest.start()
        let mail = service.directory("mail")
        for name in ["cur", "new"] { try Directory.create("\(mail)/\(name)", mode: 0o700) }
        let daemon = try await service.serve()
        let (command, _) = try await Self.beginEndless(mail, of: service)
        #expect(await daemon.stop() == .exited(0))
        #expect(try await command.exit() == .exited(69))
        try await command.errors.line(containing: "What was learned stays")
        await service.stop()
    }

    @Test("a path that is no Maildir is refused with a sentence")
    func noMaildir() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        let refused = try await service.run("import", "maildir", "--account", "anna", service.directory.path)
        #expect(refused.status == .exited(1) && refused.errors.contains("is not a Maildir"), "\(refused.errors)")
        let nowhere = try await service.run("import", "maildir", "--account", "anna", "/nowhere")
        #expect(nowhere.status == .exited(1) && nowhere.errors.contains("/nowhere"), "\(nowhere.errors)")
        #expect(try await service.run("import", "maildir", "--account", "bob", "/tmp").status == .exited(66))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
