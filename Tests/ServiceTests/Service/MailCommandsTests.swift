import Glibc
import Operations
import TestSupport
import Testing

/// `postbote mail …` against real servers, as a business system and its administrator use it.
@Suite("The mail commands") struct MailCommandsTests {
    private static let user = ServiceUnderTest.user

    /// - Parameter octets: how long the body is.
    private static func message(_ number: Int, octets: Int = 20) -> [UInt8] {
        let body = String(repeating: "x", count: octets)
        return Array(
            "Message-ID: <\(number)@example.org>\r\nDate: Mon, 2 Nov 2026 09:30:0\(number) +0000\r\n".utf8)
            + Array("From: a@example.org\r\nTo: \(user)\r\nSubject: \(number)\r\n\r\n\(body)\r\n".utf8)
    }

    private static func running(
        _ receive: String = "", signedIn: Bool = true
    ) async throws -> (ServiceUnderTest, ChildProcess) {
        let service = try await ServiceUnderTest.start()
        try await service.dovecot.createFolder("Erledigt", of: user)
        try service.dovecot.deliver((1...6).map { message($0) }, to: user)
        try service.configure(receive: receive)
        let daemon = try await service.serve()
        if signedIn { try await service.consent() }
        return (service, daemon)
    }

    private static func find(_ number: Int, in service: ServiceUnderTest) async throws -> [FetchedMessage] {
        let found = try await service.run("mail", "find", "--message-id", "<\(number)@example.org>", "--json")
        #expect(found.status == .exited(0), "\(found.errors)")
        return try JSON.decode(MailPage.self, from: found.output).messages
    }

    private static func key(_ number: Int, in service: ServiceUnderTest) async throws -> String {
        let found = try await find(number, in: service)
        #expect(found.map(\.state) == ["delivered"])
        return try #require(found.first?.deliveryKey)
    }

    /// An order with `--wait` that is carried out.
    private static func give(_ words: String..., in service: ServiceUnderTest) async throws {
        let finished = try await service.run(words: ["mail"] + words + ["--wait"])
        #expect(finished.status == .exited(0), "\(words): \(finished.errors)")
        #expect(finished.text.contains(" done\n"), "\(words): \(finished.text)")
    }

    private static func files(of key: String, in service: ServiceUnderTest) throws -> [[UInt8]] {
        try Directory.names(in: service.new).filter { $0.contains("K\(key).") }
            .map { try Directory.bytes(of: "\(service.new)/\($0)") }
    }

    @Test("say whether a message was fetched, where it went, and why not")
    func find() async throws {
        let (service, daemon) = try await Self.running("max_message_size: 10KB", signedIn: false)
        try service.dovecot.deliver(Self.message(7, octets: 20_000), to: Self.user)
        let before = try await service.run("mail", "find", "--message-id", "<2@example.org>")
        #expect(before.status == .exited(66) && before.errors.contains("2@example.org"))
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        let found = try #require(try await Self.find(2, in: service).first)
        #expect(found.state == "delivered" && found.account == "anna" && found.folder == "INBOX" && found.uid == 2)
        #expect(found.octets == Int64(Self.message(2).count))
        let large = try #require(try await Self.find(7, in: service).first)
        #expect(large.state == "too_large" && large.deliveryKey == nil)
        #expect(large.reason?.contains("limit 10240") == true)
        let listed = try await service.run("mail", "find", "anna", "--folder", "INBOX", "--since", "2020-01-01")
        #expect(listed.text.split(separator: "\n").count == 8, "\(listed.text)")
        let none = try await service.run("mail", "find", "anna", "--until", "2020-01-01")
        #expect(none.status == .exited(0) && none.output.isEmpty)
        #expect(try await service.run("mail", "find", "nobody", "--since", "2020-01-01").status == .exited(66))
        let quarantine = try await service.run("quarantine", "list")
        #expect(quarantine.status == .exited(0), "\(quarantine.errors)")
        // Its key is in the file's name, and the name is found by what `show` says.
        let key = try #require(found.deliveryKey)
        let shown = try await service.run("mail", "show", key, "--json")
        let details = try JSON.decode(MailDetails.self, from: shown.output)
        let pattern = try #require(details.copies.first?.files?.first)
        let content = try await ChildProcess.run(
            "bash", ["-c", "cat \(pattern.replacing("{new,cur}", with: "new"))"])
        #expect(content.output == Self.message(2))
        #expect(try await service.run("mail", "show", String(repeating: "0", count: 32)).status == .exited(66))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("deliver again, mark, move and delete, also after the mailbox moved", arguments: [false, true])
    func orders(moved: Bool) async throws {
        let (service, daemon) = try await Self.running()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        if moved {
            let validity = try await service.dovecot.uidValidity(of: Self.user)
            try await service.dovecot.expunge(Self.user, query: "header message-id 1@example.org")
            try await service.dovecot.renumber(Self.user, uidValidity: validity + 1)
        }
        let again = try await Self.key(2, in: service)
        try await Self.give("redeliver", again, in: service)
        try await Self.give("redeliver", again, "--destination", "maildir", in: service)
        #expect(try Self.files(of: again, in: service) == Array(repeating: Self.message(2), count: 3))
        #expect(try service.delivered().count == 8)

        try await Self.give("seen", try await Self.key(3, in: service), in: service)
        #expect(try await service.dovecot.count(of: Self.user, query: "seen") == 1)
        #expect(try await service.dovecot.count(of: Self.user, query: "seen header message-id 3@example.org") == 1)

        try await Self.give("move", "--to", "Erledigt", try await Self.key(4, in: service), in: service)
        #expect(
            try await service.dovecot.messages(of: Self.user, folder: "Erledigt").map(\.bytes) == [Self.message(4)])

        // Also where that folder is not watched.
        try await Self.give("seen", try await Self.key(4, in: service), in: service)
        #expect(try await service.dovecot.count(of: Self.user, folder: "Erledigt", query: "seen") == 1)

        let deleted = try await Self.key(5, in: service)
        try await Self.give("delete", deleted, in: service)
        let left = ([moved ? [] : [1], [2, 3, 6]] as [[Int]]).joined().map { Self.message($0) }
        #expect(sameMessages(try await service.served(), left))

        // What is not there any more cannot be acted upon, and what was done is not fetched again.
        let late = try await service.run("mail", "redeliver", deleted)
        #expect(late.status == .exited(1) && late.errors.contains("Postbote removed it"), "\(late.errors)")
        try service.dovecot.deliver(Self.message(8), to: Self.user)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 9)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("report what cannot be done yet, and do it when it can, also after a restart")
    func pending() async throws {
        let (service, daemon) = try await Self.running()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        let key = try await Self.key(4, in: service)
        let waited = try await service.run("mail", "move", "--to", "flagged", key, "--wait")
        #expect(waited.status == .exited(1) && waited.text.contains(" pending\n"))
        #expect(waited.errors.contains("no folder with the role flagged"), "\(waited.errors)")
        let status = try await service.run("status", "anna")
        #expect(status.text.contains("no folder with the role flagged"), "\(status.text)")
        #expect(try await service.run("mail", "show", key).text.contains("move to flagged"))
        #expect(await daemon.stop() == .exited(0))
        let second = try await service.serve()
        try await Self.give("move", "--to", "Erledigt", key, in: service)
        #expect(
            try await service.dovecot.messages(of: Self.user, folder: "Erledigt").map(\.bytes) == [Self.message(4)])
        #expect(await second.stop() == .exited(0))
        await service.stop()
    }

    @Test("delete and deliver again with POP3, and refuse the rest")
    func pop3() async throws {
        let (service, daemon) = try await Self.running("protocol: pop3")
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        let key = try await Self.key(2, in: service)
        try await Self.give("redeliver", key, in: service)
        #expect(try Self.files(of: key, in: service) == Array(repeating: Self.message(2), count: 2))
        for words in [["seen", key], ["move", "--to", "trash", key]] {
            let refused = try await service.run(words: ["mail"] + words)
            #expect(refused.status == .exited(64) && refused.errors.contains("uses POP3"), "\(refused.errors)")
        }
        try await Self.give("delete", key, in: service)
        #expect(sameMessages(try await service.served(), [1, 3, 4, 5, 6].map { Self.message($0) }))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
