import Glibc
import Operations
import TestSupport
import Testing

@Suite("The service's doctor") struct DoctorServiceTests {
    /// What `postbote doctor anna --json` said.
    struct Visit {
        let status: TestSupport.ExitStatus
        let report: DoctorReport

        /// By its word and subject; `nil` when there was none.
        subscript(_ title: String) -> DoctorReport.Step? {
            report.steps.first { [$0.step, $0.of].compactMap(\.self).joined(separator: " ") == title }
        }

        var all: String {
            report.steps.map { "\($0.step) \($0.of ?? "-") \($0.outcome): \($0.found)" }.joined(separator: "\n")
        }

        /// Those with this outcome, in order.
        func steps(_ outcome: DoctorReport.Outcome) -> [String] {
            report.steps.filter { $0.outcome == outcome }.map {
                [$0.step, $0.of].compactMap(\.self).joined(separator: " ")
            }
        }
    }

    private static func doctor(_ service: ServiceUnderTest, _ more: String...) async throws -> Visit {
        let finished = try await service.run(words: ["doctor", "anna", "--json"] + more)
        return Visit(
            status: finished.status,
            report: try JSON.decode(Versioned<DoctorReport>.self, from: finished.output).value)
    }

    private static func smtp(
        _ policy: @escaping @Sendable (SMTPServerEvent) -> SMTPServerAction? = { _ in nil }
    ) async throws -> SMTPServer {
        var options = SMTPServerOptions()
        options.policy = policy
        return try await SMTPServer.start(options)
    }

    @Test("finds nothing wrong where nothing is wrong, and its test mail in INBOX")
    func healthy() async throws {
        let server = try await Self.smtp()
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        async let visiting = Self.doctor(service, "--send-to", ServiceUnderTest.user)
        // A provider would bring it there.
        let sent = try #require(try await server.transactions(atLeast: 1).first)
        try service.dovecot.deliver(sent.bytes, to: ServiceUnderTest.user)
        let visit = try await visiting
        #expect(visit.status == .exited(0), "\(visit.all)")
        #expect(
            visit.steps(.ok) == [
                "configuration", "destination maildir", "dns imap", "tcp imap", "tls imap", "dns smtp", "tcp smtp",
                "tls smtp", "token receive", "identity receive", "mailbox_sign_in", "folders", "submission_sign_in",
                "sender anna@example.test", "test_mail", "test_mail_received",
            ], "\(visit.all)")
        #expect(visit.steps(.skipped) == ["test_mail_filed"])
        #expect(sent.header("Auto-Submitted") == "auto-generated")
        let messageID = try #require(sent.header("Message-ID"))
        #expect(visit["test_mail"]?.found.contains(messageID) == true)
        #expect(
            visit["tcp imap"]?.found.hasPrefix("127.0.0.1 port \(service.dovecot.port(.imaps)) answered") == true,
            "\(visit.all)")
        #expect(visit["tls imap"]?.found.contains("TLSv1.3, certificate for localhost") == true, "\(visit.all)")
        #expect(visit["tls imap"]?.found.contains("good until 20") == true, "\(visit.all)")
        #expect(visit["folders"]?.found == "INBOX (inbox)")
        #expect(visit["identity receive"]?.found.contains("every scope that is needed was granted") == true)
        // What it tried in the Maildir is gone again.
        #expect(Directory.names(in: service.directory("state/mail/anna/postbote-staging")).isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("says that nobody signed in, and does not try what needs a token")
    func noConsent() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        let visit = try await Self.doctor(service)
        #expect(visit.status == .exited(1))
        #expect(visit.steps(.failed) == ["token receive"], "\(visit.all)")
        #expect(visit["token receive"]?.nextStep?.contains("postbote authorize anna --device") == true)
        #expect(visit["mailbox_sign_in"]?.found == "needs: token receive")
        #expect(visit["tls smtp"]?.outcome == .ok)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("tells a name that is none from a closed port and a certificate for another name")
    func unreachable() async throws {
        var options = SMTPServerOptions()
        options.certificate = try await .wrongName()
        let stranger = try await SMTPServer.start(options)
        let server = try await Self.smtp()
        defer { withExtendedLifetime(server) {} }
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        try service.configure(
            places: .init(
                imap: "host: mail.invalid, port: 993, tls: implicit",
                smtp: "host: localhost, port: \(stranger.port), tls: starttls"))
        let daemon = try await service.serve()
        try await service.consent()
        let visit = try await Self.doctor(service)
        #expect(visit.status == .exited(1))
        #expect(visit.steps(.failed) == ["dns imap", "tls smtp"], "\(visit.all)")
        #expect(visit["tcp imap"]?.found == "needs: dns imap")
        #expect(visit["tcp smtp"]?.outcome == .ok)
        #expect(visit["tls smtp"]?.found.contains("is for another name than localhost") == true, "\(visit.all)")
        #expect(visit["tls smtp"]?.nextStep?.isEmpty == false)
        let closed = try ListeningSocket()
        try closed.refuse()
        try service.configure(places: .init(imap: "host: localhost, port: \(closed.port), tls: implicit"))
        #expect(try await Self.doctor(service)["configuration"]?.outcome == .warning, "it is not in force yet")
        #expect(try await service.run("reload").status == .exited(0))
        let second = try await Self.doctor(service)
        #expect(second.steps(.failed) == ["tcp imap"], "\(second.all)")
        #expect(second["tcp imap"]?.found.contains("nothing listens there") == true)
        #expect(second["mailbox_sign_in"]?.found == "needs: tls imap")
        try service.configure()
        let trusting = try Directory.text(of: service.directory("postbote.yaml"))
            .replacing("ca_file: \(service.authorityFile)", with: "verify_certificate: false")
        try service.directory.file("postbote.yaml", trusting, mode: 0o600)
        #expect(try await service.run("reload").status == .exited(0))
        let third = try await Self.doctor(service)
        #expect(third.steps(.warning) == ["tls imap", "tls smtp"], "\(third.all)")
        #expect(third["tls imap"]?.nextStep?.contains("Remove `verify_certificate: false`") == true)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("warns of a server's certificate that ends within fourteen days")
    func endingCertificate() async throws {
        var options = SMTPServerOptions()
        options.certificate = try await .issued(for: ["DNS:localhost"], days: 7)
        let server = try await SMTPServer.start(options)
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let visit = try await Self.doctor(service)
        #expect(visit.status == .exited(0), "\(visit.all)")
        #expect(visit.steps(.warning) == ["tls smtp"], "\(visit.all)")
        #expect(visit["tls smtp"]?.found.hasSuffix(", which is 6 days from now") == true, "\(visit.all)")
        #expect(visit["tls smtp"]?.nextStep == "Whoever runs localhost must renew its certificate.")
        #expect(visit["tls imap"]?.outcome == .ok, "\(visit.all)")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("names a destination that cannot be written to, folders that are not there, and files with errors")
    func settings() async throws {
        let server = try await Self.smtp()
        defer { withExtendedLifetime(server) {} }
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        try service.directory.file("blocked", "no directory")
        let blocked = "destinations: {blocked: {type: maildir, path: \(service.directory("blocked/mail"))}}"
        try service.configure(
            receive: "deliver_to: [blocked], folders: [INBOX, Nowhere]", extra: blocked)
        let daemon = try await service.serve()
        try await service.consent()
        let visit = try await Self.doctor(service)
        #expect(visit.status == .exited(1))
        #expect(visit.steps(.failed) == ["destination blocked"], "\(visit.all)")
        #expect(visit["destination blocked"]?.found.contains("Check the destination's path.") == true)
        #expect(visit["folders"]?.outcome == .warning)
        #expect(visit["folders"]?.found.contains("no folder “Nowhere”") == true)
        try service.configure(receive: "folders: [Nowhere]")
        #expect(try await service.run("reload").status == .exited(0))
        let second = try await Self.doctor(service)
        #expect(second.steps(.failed) == ["folders"], "\(second.all)")
        try service.directory.file("postbote.yaml", "pol_interval: 5m\n", mode: 0o600)
        let third = try await Self.doctor(service)
        #expect(third.steps(.failed) == ["configuration", "folders"], "\(third.all)")
        #expect(third["configuration"]?.found.contains("postbote.yaml:1:1") == true)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("finds its test mail in Sent, too, where the provider files it; a paused account is tried all the same")
    func filed() async throws {
        let server = try await Self.smtp()
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        try service.configure(receive: "folders: [inbox]")
        let generic = try Directory.text(of: service.directory("postbote.yaml"))
        let filing = generic.replacing("preset: generic", with: "preset: generic\n    files_sent: true")
        try service.directory.file("postbote.yaml", filing, mode: 0o600)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("pause", "anna").status == .exited(0))
        async let visiting = Self.doctor(service, "--send-to", ServiceUnderTest.user)
        let sent = try #require(try await server.transactions(atLeast: 1).first)
        for folder in ["INBOX", "Sent"] {
            try service.dovecot.deliver(sent.bytes, to: ServiceUnderTest.user, folder: folder)
        }
        let visit = try await visiting
        #expect(visit.status == .exited(0), "\(visit.all)")
        #expect(
            visit["test_mail_received"]?.outcome == .ok && visit["test_mail_filed"]?.outcome == .ok, "\(visit.all)")
        #expect(visit["configuration"]?.outcome == .warning)
        #expect(visit["configuration"]?.nextStep?.contains("postbote resume anna") == true)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("does not keep the service from stopping")
    func stopping() async throws {
        let gate = Gate()
        let server = try await Self.smtp { event in event.verb == "MAIL" ? .hold(gate) : nil }
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let visiting = try service.begin("doctor", "anna")
        try await server.events(atLeast: 1) { $0.verb == "MAIL" }
        #expect(await daemon.stop() == .exited(0))
        #expect(try await visiting.exit() == .exited(69))
        gate.open()
        await service.stop()
    }

    @Test("gives the line that switches SMTP AUTH on for this mailbox")
    func smtpAuth() async throws {
        let server = try await Self.smtp { event in
            event.verb == "AUTH"
                ? .reply(
                    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.")
                : nil
        }
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        // Microsoft names who signed in with every token.
        let generic = try Directory.text(of: service.directory("postbote.yaml"))
        let microsoft = generic.replacing(
            "preset: generic", with: "preset: microsoft365\n    tenant: contoso.onmicrosoft.com")
        try service.directory.file("postbote.yaml", microsoft, mode: 0o600)
        let daemon = try await service.serve()
        try await service.consent()
        let finished = try await service.run("doctor", "anna")
        #expect(finished.status == .exited(1))
        #expect(
            finished.text.contains(
                "Set-CASMailbox -Identity anna@example.test -SmtpClientAuthenticationDisabled $false"))
        #expect(finished.text.contains("failed   SMTP sign-in\n"))
        #expect(finished.text.contains("The token is of anna@example.test."))
        #expect(finished.text.contains("MAIL FROM anna@example.test  needs: submission_sign_in"))
        #expect(finished.text.contains("identity receive             anna@example.test signed in; every scope"))
        #expect(finished.text.contains("warning  Exchange settings\n"))
        #expect(finished.text.contains("Set-CASMailbox -Identity anna@example.test -ImapUseProtocolDefaults $false"))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("asks for each sender, sends nothing, and is alone with its account")
    func senders() async throws {
        let gate = Gate()
        let server = try await Self.smtp { event in
            switch (event.verb, event.path) {
            case ("MAIL", "anna@example.test"): .hold(gate)
            case ("MAIL", "shop@example.test"):
                .reply("550 5.7.60 SMTP; Client does not have permissions to send as this sender")
            default: nil
            }
        }
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        try service.configure(send: "from: [anna@example.test, shop@example.test, info@example.test]")
        let daemon = try await service.serve()
        try await service.consent()
        async let visiting = Self.doctor(service)
        try await server.events(atLeast: 1) { $0.verb == "MAIL" }
        let second = try await service.run("doctor", "anna")
        #expect(second.status == .exited(1) && second.errors.contains("A doctor of account anna is at work already"))
        gate.open()
        let visit = try await visiting
        #expect(visit.status == .exited(1))
        #expect(visit.steps(.failed) == ["sender shop@example.test"], "\(visit.all)")
        #expect(visit["sender shop@example.test"]?.problem?.serverLine?.contains("5.7.60") == true)
        #expect(visit["sender info@example.test"]?.outcome == .ok, "\(visit.all)")
        #expect(server.transactions.isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("has what was parked tried at once when it found nothing wrong")
    func parked() async throws {
        let server = try await Self.smtp { event in
            event.verb == "AUTH" && event.occurrence == 1
                ? .reply(
                    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.")
                : nil
        }
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let message = "From: \(ServiceUnderTest.user)\nTo: a@b.example\nSubject: parked\n\nx\n"
        #expect(try await service.run("send", input: message).status == .exited(0))
        try await daemon.errors.line(containing: "NEW_STATE=needs_admin")
        let visit = try await Self.doctor(service)
        #expect(visit.status == .exited(0), "\(visit.all)")
        #expect(try await server.transactions(atLeast: 1).first?.header("Subject") == "parked")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("says that somebody else has a POP3 mailbox open, and that it passes")
    func mailboxInUse() async throws {
        let dialog = """
            S: +OK ready
            C: CAPA
            S+ +OK
            S+ SASL XOAUTH2
            S: .
            """
        let refused = """

            C: AUTH XOAUTH2
            S: +
            C: $*
            S: -ERR [IN-USE] Do you have another POP session running?
            REST
            """
        let pop3 = try await ScriptedServer.start(dialog + refused)
        let server = try await Self.smtp()
        defer { withExtendedLifetime(server) {} }
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        try service.configure(
            receive: "protocol: pop3", places: .init(pop3: ServiceUnderTest.Places.plain(pop3.port)))
        let daemon = try await service.serve()
        try await service.consent()
        let visit = try await Self.doctor(service)
        let step = try #require(visit["mailbox_sign_in"], "\(visit.all)")
        #expect(
            step.outcome == .failed && step.found.contains("Another program has the mailbox open."), "\(visit.all)")
        #expect(step.problem?.retry == "later", "\(step)")
        #expect(step.nextStep?.contains("find the other program that fetches from \(ServiceUnderTest.user)") == true)
        #expect(visit["folders"]?.found == "needs: mailbox_sign_in")
        #expect(await daemon.stop() == .exited(0))
        await pop3.stop()
        await service.stop()
    }

    @Test("looks into a POP3 mailbox between two visits of the fetcher")
    func pop3() async throws {
        let server = try await Self.smtp()
        defer { withExtendedLifetime(server) {} }
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        try service.configure(receive: "protocol: pop3")
        try service.dovecot.deliver(MessageCorpus().small(3), to: ServiceUnderTest.user)
        let daemon = try await service.serve()
        try await service.consent()
        let visit = try await Self.doctor(service)
        #expect(visit.status == .exited(0), "\(visit.all)")
        #expect(visit["folders"]?.outcome == .ok && visit["tls pop3"]?.outcome == .ok, "\(visit.all)")
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 3, "nothing was written down about what was only looked at")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
