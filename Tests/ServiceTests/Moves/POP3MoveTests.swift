import TestSupport
import Testing

@Suite("The administrator moved a POP3 mailbox") struct POP3MoveTests {
    /// Dovecot's unique-ids are made of UID and UIDVALIDITY here. Few messages are told by their content, many by headers.
    @Test("and all unique-ids are others: only mail of the gap is delivered", arguments: [6, 40])
    func otherUniqueIDs(count: Int) async throws {
        let account = try await MovedAccount(receive: "protocol: pop3")
        let first = account.compose()
        try account.arrive([first, account.another(like: first)] + account.compose(count))
        try await account.fetch()
        for validity in [4711, 4712] as [UInt32] {
            try account.arrive(account.compose(2))
            try await account.dovecot.whileStopped {
                try account.dovecot.lose([3], of: MovedAccount.user)
                try account.dovecot.renumber(
                    MovedAccount.user, Renumbering(uidValidity: validity, order: .reversed))
            }
            try account.arrive(account.compose(1))
            try await account.fetch()
            try account.expectAccounted(["INBOX"])
        }
        let status = try await account.status()
        #expect(status.mail.doubtful == 0)
        #expect(status.mail.recognised == 2 * count + 4)
        await account.stop()
    }

    @Test("to another server, which has given other unique-ids")
    func otherHost() async throws {
        let account = try await MovedAccount(receive: "protocol: pop3")
        try account.arrive(account.compose(30))
        try await account.fetch()
        var options = DovecotOptions(users: [.init(MovedAccount.user)])
        options.signer = account.dovecot.options.signer
        let new = try await DovecotServer.start(options)
        var generator = SeededGenerator(seed: 5)
        let rendered = account.arrived["INBOX"]!.map { Rendering.everything.render($0, using: &generator) }
        try new.deliver(rendered.reversed().map(\.octets), to: MovedAccount.user)
        try account.arrive(account.compose(2), at: new)
        try await account.reload(to: new)
        try await account.fetch()
        try account.expectAccounted(["INBOX"])
        #expect(try #require(account.lastRecovery(of: "INBOX")) == (30, 2, 0))
        await new.stop()
        await account.stop()
    }
}
