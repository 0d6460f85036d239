import Diagnostics
import Glibc
import TestSupport
import Testing

@Suite("The service accounts for every message:") struct AuditServiceTests {
    private static let user = ServiceUnderTest.user

    /// Sixty messages that were fetched.
    private static func fetched(_ receive: String = "") async throws -> (ServiceUnderTest, ChildProcess) {
        let service = try await ServiceUnderTest.start()
        try service.configure(receive: receive)
        try service.dovecot.deliver(MessageCorpus().small(60), to: user)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 60)
        return (service, daemon)
    }

    private static func unaccounted(_ service: ServiceUnderTest) async throws -> Bool {
        let status = try await service.run("status", "anna", "--json")
        #expect(status.text.contains(#""messages_unaccounted":"#))
        return !status.text.contains(#""messages_unaccounted":0"#)
    }

    @Test("nothing is wrong where nothing is wrong, and it says what became of how many")
    func clean() async throws {
        let (service, daemon) = try await Self.fetched()
        let audit = try await service.run("audit", "anna")
        #expect(audit.status == .exited(0), "\(audit.errors)")
        let lines = audit.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(lines == [["FOLDER", "ON", "SERVER", "DELIVERED", "UNACCOUNTED"], ["INBOX", "60", "60", "0"]])
        try await daemon.errors.line(containing: "EVENT=audit_finished")
        #expect(try await service.run("status", "anna").text.contains("last audit"))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("a row that is gone from the ledger, with IMAP and POP3", arguments: ["imap", "pop3"])
    func rowDeleted(mailProtocol: String) async throws {
        let (service, daemon) = try await Self.fetched("protocol: \(mailProtocol)")
        try Tampering.run("DELETE FROM ledger WHERE uid IN (20, 33)", in: service.state)
        let audit = try await service.run("audit", "anna")
        #expect(audit.status == .exited(1))
        #expect(audit.errors.contains("2 messages were not accounted for; all of them are now"), "\(audit.errors)")
        for uid in [20, 33] {
            #expect(
                audit.text.contains("INBOX UID \(uid): listed below the cursor and not in the ledger: fetched"),
                "\(audit.text)")
            try await daemon.errors.line { $0.contains("EVENT=message_unaccounted") && $0.contains("UID=\(uid)") }
        }
        // Nobody knew any more that they were delivered.
        #expect(try service.delivered().count == 62)
        #expect(try await !Self.unaccounted(service))
        let again = try await service.run("audit", "anna")
        #expect(again.status == .exited(0), "\(again.errors)\(again.text)")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("a message that stands below the cursor all of a sudden")
    func belowTheCursor() async throws {
        let service = try await ServiceUnderTest.start()
        try service.dovecot.deliver(MessageCorpus().small(60), to: Self.user)
        // The server knew it once, and has forgotten it.
        let all = try await service.dovecot.messages(of: Self.user)
        var hidden = ""
        try await service.dovecot.reassign(Self.user) { hidden = $0.removeValue(forKey: 30) ?? "" }
        let maildir = service.dovecot.directory("mail/\(Self.user)/Maildir")
        let files = ["new", "cur"].flatMap { part in
            Directory.names(in: "\(maildir)/\(part)").map { "\(maildir)/\(part)/\($0)" }
        }
        let name = String(hidden.prefix { $0 != ":" })
        let found = files.first { $0.contains(name) }
        let place = try #require(found)
        #expect(rename(place, service.directory("hidden")) == 0)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 59)
        // And it knows it again, while somebody removes another one: there are as many as before.
        #expect(rename(service.directory("hidden"), place) == 0)
        try await service.dovecot.reassign(Self.user) { files in
            files[30] = hidden
            let removed = String((files.removeValue(forKey: 31) ?? "").prefix { $0 != ":" })
            for part in ["new", "cur"] {
                for name in Directory.names(in: "\(maildir)/\(part)") where name.hasPrefix(removed) {
                    unlink("\(maildir)/\(part)/\(name)")
                }
            }
        }
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 59, "no ordinary visit sees it")
        let audit = try await service.run("audit", "anna")
        #expect(audit.status == .exited(1))
        #expect(audit.text.contains("INBOX UID 30: listed below the cursor and not in the ledger: fetched"))
        #expect(sameMessages(try service.delivered(), all.map(\.bytes)))
        #expect(try await service.run("audit", "anna").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("other messages under known UIDs, known ones and new ones")
    func swapped() async throws {
        let (service, first) = try await Self.fetched()
        // Dovecot changes a mailbox's list only while nobody has it open.
        #expect(await first.stop() == .exited(0))
        // Nobody but Postbote was there, and it changes nothing: all files are in `new`.
        let maildir = service.dovecot.directory("mail/\(Self.user)/Maildir/new")
        let known = Set(Directory.names(in: maildir))
        try service.dovecot.deliver(MessageCorpus(seed: 3).small(1), to: Self.user)
        let added = Directory.names(in: maildir).first { !known.contains($0) }
        let new = try #require(added)
        // Three that no visit happens to look at.
        try await service.dovecot.reassign(Self.user) { files in
            (files[45], files[46]) = (files[46], files[45])
            #expect(unlink("\(maildir)/\(files[47] ?? "")") == 0)
            files[47] = new
        }
        let daemon = try await service.serve()
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(0))
        let before = try service.delivered().count
        #expect(before == 60, "no ordinary visit sees it: \(fetched.text)")
        let audit = try await service.run("audit", "anna")
        #expect(audit.status == .exited(1), "\(audit.text)\(audit.errors)")
        for uid in 45...47 {
            #expect(
                audit.text.contains("INBOX UID \(uid): another message than the one in the ledger: recognised anew"),
                "\(audit.text)\(audit.errors)")
        }
        #expect(try service.delivered().count == 61)
        let served = try await service.served()
        let delivered = try service.delivered()
        #expect(served.count == 60)
        #expect(served.allSatisfy { delivered.contains($0) })
        #expect(try await !Self.unaccounted(service))
        #expect(try await service.run("audit", "anna").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("the daemon audits by itself at night, makes up for a night it missed, and repeats none at a restart")
    func nightly() async throws {
        let (service, daemon) = try await Self.fetched()
        #expect(await daemon.stop() == .exited(0))
        let twoDaysAgo = (SystemClock().now - .seconds(2 * 86_400)).milliseconds
        try Tampering.run(
            "UPDATE accounts SET audited = \(twoDaysAgo); DELETE FROM ledger WHERE uid = 20", in: service.state)
        let second = try await service.serve()
        let line = try await second.errors.line(containing: "EVENT=audit_finished")
        #expect(line.contains("UNACCOUNTED=1") && line.contains("REMAINING=0"), "\(line)")
        #expect(try service.delivered().count == 61)
        let told = try await service.run("status", "anna", "--json")
        #expect(await second.stop() == .exited(0))
        let third = try await service.serve()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(await third.stop() == .exited(0))
        #expect(!third.errors.text.contains("EVENT=audit_finished"))
        #expect(told.text.contains(#""last_audit":"#))
        // What was found and not cured when the daemon ended is looked for again at once.
        try Tampering.run("UPDATE accounts SET unaccounted = 1; DELETE FROM ledger WHERE uid = 21", in: service.state)
        let fourth = try await service.serve()
        let repeated = try await fourth.errors.line(containing: "EVENT=audit_finished")
        #expect(repeated.contains("UNACCOUNTED=1") && repeated.contains("REMAINING=0"), "\(repeated)")
        #expect(try await !Self.unaccounted(service))
        #expect(await fourth.stop() == .exited(0))
        await service.stop()
    }
}
