import Glibc
import TestSupport
import Testing

@Suite("The service fetches") struct FetchingServiceTests {
    @Test("an IMAP mailbox byte for byte, and what arrives later")
    func imap() async throws {
        let service = try await ServiceUnderTest.start()
        try service.dovecot.deliver(MessageCorpus().messages(40), to: ServiceUnderTest.user)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(sameMessages(try service.delivered(), try await service.served()))
        try service.dovecot.deliver(MessageCorpus()[500], to: ServiceUnderTest.user)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 41)
        #expect(sameMessages(try service.delivered(), try await service.served()))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("a POP3 mailbox once, over several visits")
    func pop3() async throws {
        let service = try await ServiceUnderTest.start()
        let messages = Array(MessageCorpus().messages(40)).filter { !$0.isEmpty }
        try service.dovecot.deliver(messages, to: ServiceUnderTest.user)
        try service.configure(receive: "protocol: pop3")
        let daemon = try await service.serve()
        try await service.consent()
        for _ in 0..<3 { #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0)) }
        #expect(sameMessages(try service.delivered(), messages))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("nothing twice and everything once, when it is killed again and again while a reader consumes its mail")
    func killed() async throws {
        let service = try await ServiceUnderTest.start()
        let messages = Array(MessageCorpus().small(1500))
        try service.dovecot.deliver(messages, to: ServiceUnderTest.user)
        var consumed: [[UInt8]] = []
        // A reader that takes each file as soon as it sees it, so that nobody can look whether it was delivered.
        func consume() throws {
            for name in Directory.names(in: service.new) {
                let path = "\(service.new)/\(name)"
                consumed.append(try Directory.bytes(of: path))
                unlink(path)
            }
        }
        // There from the beginning, so that it can be watched.
        try Directory.create(service.new, mode: 0o700)
        var daemon = try await service.serve()
        try await service.consent()
        for round in 1...6 {
            // The first files of a batch are the sign that others are on their way.
            _ = try await FileWatch.change(in: service.new, what: "mail of round \(round)") {
                Directory.names(in: service.new).isEmpty ? nil : true
            }
            daemon.send(signal: SIGKILL)
            try await daemon.exit()
            try consume()
            if consumed.count >= messages.count { break }
            daemon = try await service.serve()
        }
        if daemon.exitStatus != nil { daemon = try await service.serve() }
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        try consume()
        #expect(consumed.count == messages.count)
        #expect(sameMessages(consumed, messages))
        #expect(Directory.names(in: service.directory("state/mail/anna/postbote-staging")).isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("only the mail of the gap when the mailbox gets another UIDVALIDITY")
    func uidValidityChanges() async throws {
        let service = try await ServiceUnderTest.start()
        try service.dovecot.deliver(MessageCorpus().messages(60), to: ServiceUnderTest.user)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 60)
        try service.dovecot.deliver(MessageCorpus(seed: 7)[900], to: ServiceUnderTest.user)
        try await service.dovecot.renumber(ServiceUnderTest.user, uidValidity: 4711)
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(0), "\(fetched.errors)\(fetched.text)\(daemon.errors.lines.suffix(3))")
        #expect(sameMessages(try service.delivered(), try await service.served()))
        try await daemon.errors.line(containing: "EVENT=folder_recovered")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("nothing for an account without consent, says so, and goes on when consent comes")
    func withoutConsent() async throws {
        let service = try await ServiceUnderTest.start()
        try service.dovecot.deliver(MessageCorpus()[0], to: ServiceUnderTest.user)
        let daemon = try await service.serve()
        try await daemon.errors.line(containing: "NEW_STATE=needs_authorization")
        let status = try await service.run("status", "--problems")
        #expect(status.status == .exited(1))
        #expect(status.text.contains("needs_authorization"))
        for command in [["audit", "anna"], ["reset", "anna"], ["folders", "anna"], ["fetch", "anna", "--wait"]] {
            let refused = try await service.run(words: command)
            #expect(refused.errors.contains("postbote authorize anna"), "\(command): \(refused.errors)")
        }
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 1)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
