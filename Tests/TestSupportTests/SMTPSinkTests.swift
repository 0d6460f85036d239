import TestSupport
import Testing

@Suite("smtp-sink behind Dovecot's submission")
struct SMTPSinkTests {
    @Test("keeps what a client submitted: envelope, recipients and bytes")
    func transactions() async throws {
        let sink = try await SMTPSink.start()
        var options = DovecotOptions()
        options.relay = .init(port: sink.port)
        let server = try await DovecotServer.start(options)
        let client = try await LineClient(port: server.port(.submission))
        try await client.line(beginning: "220 ")
        try await client.ask("EHLO client", until: "250 ")
        let token = try server.accessToken(for: "anna@example.test")
        let response = SASLResponse.xoauth2(user: "anna@example.test", token: token)
        try await client.ask("AUTH XOAUTH2 \(response)", until: "235")
        try await client.ask("MAIL FROM:<anna@example.test> BODY=8BITMIME", until: "250")
        try await client.ask("RCPT TO:<one@example.net>", until: "250")
        try await client.ask("RCPT TO:<two@example.net>", until: "250")
        try await client.ask("DATA", until: "354")
        try client.send("Subject: two\r\n words\r\n\r\n..dot\r\nGr\u{fc}\u{df}e")
        try await client.ask(".", until: "250")
        let transaction = try #require(try await sink.transactions(atLeast: 1).first)
        #expect(transaction.reversePath == "anna@example.test")
        #expect(transaction.parameters.contains("BODY=8BITMIME"))
        #expect(transaction.recipients == ["one@example.net", "two@example.net"])
        #expect(transaction.header("subject") == "two words")
        #expect(String(decoding: transaction.bytes, as: UTF8.self).hasSuffix("\n\n.dot\nGr\u{fc}\u{df}e\n"))
        try await client.ask("MAIL FROM:<anna@example.test>", until: "250")
        try await client.ask("RCPT TO:<one@example.net>", until: "250")
        try await client.ask("DATA", until: "354")
        try client.send("Subject: given up")
        await client.close()
        await server.stop()
        #expect(try sink.transactions().count == 1)
        await sink.stop()
    }

    @Test("refuses, defers and hangs up as asked")
    func refusals() async throws {
        var options = SMTPSink.Options()
        options.refused = ["RCPT"]
        options.deferred = ["MAIL"]
        options.closing = ["DATA"]
        options.shuttingDown = ["NOOP"]
        let sink = try await SMTPSink.start(options)
        let client = try await LineClient(port: sink.port)
        try await client.line(beginning: "220 ")
        try await client.ask("HELO client", until: "250 ")
        try await client.ask("MAIL FROM:<a@example.test>", until: "450 ")
        try await client.ask("NOOP", until: "421 ")
        #expect(try await client.line() == nil)
        #expect(try sink.transactions().isEmpty)
        await sink.stop()
    }
}
