import Glibc
import TestSupport
import Testing

/// What is wrong with one mailbox is said where an operator looks, with what to do, and stays where it is.
@Suite("A bad mailbox") struct BadMailboxTests {
    private static let other = "bert@example.test"
    private static let bert = "  bert: {address: \(other), provider: test, receive: {}}"

    private func start() async throws -> ServiceUnderTest {
        let service = try await ServiceUnderTest.start(users: [ServiceUnderTest.user, Self.other])
        for user in [ServiceUnderTest.user, Self.other] {
            try service.dovecot.deliver(MessageCorpus()[0], to: user)
        }
        return service
    }

    /// The other account's mail came all the same.
    private func expectOther(_ service: ServiceUnderTest) async throws {
        try await service.consent("bert", user: Self.other)
        #expect(try await service.run("fetch", "bert", "--wait").status == .exited(0))
        #expect(Directory.names(in: service.directory("state/mail/bert/new")).count == 1)
    }

    @Test("that lacks a folder gives what else it has, and names what it lacks and what there is")
    func missingFolder() async throws {
        let service = try await start()
        try service.configure(receive: "folders: [INBOX, Rechnungen]", extra: Self.bert)
        let daemon = try await service.serve()
        try await service.consent()
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(1))
        let status = try await service.run("status", "anna")
        for text in [fetched.errors, status.text] {
            #expect(
                text.contains("no folder “Rechnungen”") && text.contains("Archive") && text.contains("`folders:`"))
        }
        #expect(try service.delivered().count == 1)
        try await expectOther(service)
        // Made meanwhile, it is found at the next look.
        try await service.dovecot.createFolder("Rechnungen", of: ServiceUnderTest.user)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try await service.run("status", "anna").text.contains("Rechnungen") == false)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("behind a certificate for another name is not signed in to, and says which name was expected")
    func wrongCertificate() async throws {
        let service = try await start()
        let impostor = try await ScriptedServer.start("REST", .implicit(try await .wrongName()))
        let scopes = AuthorizationServer.mailScopes.map { "\"\($0)\"" }.joined(separator: ", ")
        try service.configure(extra: Self.bert)
        let configuration = try Directory.text(of: service.directory("postbote.yaml"))
        try service.directory.file(
            "postbote.yaml",
            configuration.replacing(
                "imap: {host: localhost, port: \(service.dovecot.port(.imaps)), tls: implicit}",
                with: "imap: {host: localhost, port: \(impostor.port), tls: implicit}"
            )
            .replacing("provider: test, receive: {}}", with: "provider: good, receive: {}}")
            .replacing(
                "providers:\n",
                with: """
                    providers:
                      good:
                        preset: generic
                        client_id: \(RegisteredClient.publicClient.identifier)
                        token_url: \(service.authorization.tokenURL)
                        scopes: [\(scopes)]
                        imap: {host: localhost, port: \(service.dovecot.port(.imaps)), tls: implicit}
                        ca_file: \(service.authorityFile)

                    """), mode: 0o600)
        let daemon = try await service.serve()
        try await service.consent()
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(75))
        let status = try await service.run("status", "anna")
        for text in [fetched.errors, status.text] {
            #expect(text.contains("certificate of localhost:\(impostor.port) is for another name than localhost"))
            #expect(text.contains("certificate_name"))
        }
        #expect(status.text.contains("waiting"))
        // Nothing was said to whoever it is.
        #expect(impostor.records.allSatisfy { $0.transcript.clientBytes.isEmpty })
        try await expectOther(service)
        try service.configure(extra: Self.bert)
        #expect(try await service.run("reload").status == .exited(0))
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 1)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
        await impostor.stop()
    }

    @Test("is not opened with another person's token: not when it is imported, and not when the server refuses it")
    func foreignToken() async throws {
        let service = try await start()
        // Microsoft names who signed in with every token.
        let generic = try Directory.text(of: service.directory("postbote.yaml"))
        let microsoft = generic.replacing(
            "preset: generic", with: "preset: microsoft365\n    tenant: contoso.onmicrosoft.com")
        try service.directory.file("postbote.yaml", microsoft, mode: 0o600)
        let daemon = try await service.serve()
        let token = service.authorization.consent(user: Self.other)
        let imported = try await service.run("authorize", "anna", "--import", "-", input: token + "\n")
        #expect(imported.status == .exited(1))
        #expect(imported.errors.contains("Nothing was stored"))
        #expect(imported.errors.contains(ServiceUnderTest.user) && imported.errors.contains(Self.other))
        // Somebody else who is meant to open it, but may not.
        let configuration = try Directory.text(of: service.directory("postbote.yaml"))
        let changed = configuration.replacing(
            "provider: test, receive", with: "provider: test, authorized_as: \(Self.other), receive")
        try service.directory.file("postbote.yaml", changed + "\n\(Self.bert)\n", mode: 0o600)
        #expect(try await service.run("reload").status == .exited(0))
        try await service.consent(user: Self.other)
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(1))
        let status = try await service.run("status", "anna")
        for text in [fetched.errors, status.text] {
            #expect(
                text.contains("sign in") && text.contains(Self.other) && text.contains("authorized_as"), "\(text)")
        }
        #expect(Directory.names(in: service.new).isEmpty)
        #expect(try await service.run("fetch", "bert", "--wait").status == .exited(0))
        #expect(Directory.names(in: service.directory("state/mail/bert/new")).count == 1)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("with a message of 200 MB gives it byte for byte, in hardly more memory than without it")
    func hugeMessage() async throws {
        let service = try await start()
        let daemon = try await service.serve()
        try await service.consent()
        // A run of the same kind first: what it needs is no matter of the message's size.
        try service.dovecot.deliver(Array(MessageCorpus().messages(12)), to: ServiceUnderTest.user)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        let known = Set(Directory.names(in: service.new))
        let before = try peak(of: daemon)
        let size = try deliverHuge(to: service)
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(0), "\(fetched.errors)")
        let growth = try peak(of: daemon) - before
        #expect(growth <= 4096, "\(growth) KB more for \(size >> 20) MB")
        let name = try #require(Set(Directory.names(in: service.new)).subtracting(known).first)
        let huge = try #require(
            Directory.names(in: service.dovecot.directory("mail/\(ServiceUnderTest.user)/Maildir/cur"))
                .first { $0.contains("huge") })
        let compared = try await ChildProcess.run(
            "cmp",
            [
                service.dovecot.directory("mail/\(ServiceUnderTest.user)/Maildir/cur/\(huge)"),
                "\(service.new)/\(name)",
            ])
        #expect(compared.status == .exited(0), "\(compared.text)\(compared.errors)")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("with a message over max_message_size gives the others, and counts that one as too large")
    func tooLarge() async throws {
        let service = try await start()
        try service.configure(receive: "max_message_size: 1MB")
        var large = MessageCorpus().message(.plainText, number: 77)
        while large.count <= 1 << 20 { large += Array("filling, filling, filling, filling\r\n".utf8) }
        try service.dovecot.deliver([large] + MessageCorpus().small(1), to: ServiceUnderTest.user)
        let daemon = try await service.serve()
        try await service.consent()
        for _ in 0..<2 { #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0)) }
        #expect(sameMessages(try service.delivered(), [MessageCorpus()[0]] + MessageCorpus().small(1)))
        try await daemon.errors.line(containing: "EVENT=message_too_large")
        #expect(daemon.errors.lines.count { $0.contains("EVENT=message_too_large") } == 1)
        let status = try await service.run("status", "anna").text
        #expect(status.split(separator: "\n").contains { $0.hasPrefix("too large") && $0.hasSuffix(" 1") })
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    // MARK: Parts

    /// Writes the message piece by piece: this process's memory is not what is measured, but it is not endless either.
    private func deliverHuge(to service: ServiceUnderTest) throws -> Int {
        let maildir = service.dovecot.directory("mail/\(ServiceUnderTest.user)/Maildir")
        let file = maildir + "/tmp/huge"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        var octets = 0
        var piece = MessageCorpus().message(.attachment)
        while octets < 200 << 20 {
            try #require(write(descriptor, piece, piece.count) == piece.count)
            octets += piece.count
            // What follows the first piece are lines of its body.
            if octets == piece.count {
                piece = Array(repeating: Array((String(repeating: "QUJD", count: 19) + "\r\n").utf8), count: 13_000)
                    .flatMap(\.self)
            }
        }
        close(descriptor)
        chown(file, service.dovecot.mailUser.identity, service.dovecot.mailUser.group)
        try #require(rename(file, maildir + "/cur/1800000000.M1P1.huge:2,") == 0)
        return octets
    }

    /// The most memory that the process had at a time, in KB.
    private func peak(of process: ChildProcess) throws -> Int {
        let status = try Directory.text(of: "/proc/\(process.processID)/status")
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.filter(\.isNumber)))
    }
}
