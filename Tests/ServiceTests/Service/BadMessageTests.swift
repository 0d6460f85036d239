import TestSupport
import Testing

/// Messages that would break the protocol, or would say something else than their author meant.
@Suite("A bad message") struct BadMessageTests {
    private static let author = ServiceUnderTest.user

    @Test("with bare line ends leaves as one that has none, and nothing of it is lost")
    func bareLineFeeds() async throws {
        let server = try await SMTPServer.start()
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let body = ["one", ".", "..two", "", "three\rfour", "five"]
        let header = "From: \(Self.author)\r\nTo: somebody@example.org\nSubject: ends\r\n\n"
        let sent = try await service.run("send", input: header + body.joined(separator: "\n") + "\r\n")
        #expect(sent.status == .exited(0), "\(sent.errors)")
        let bytes = try await server.transactions(atLeast: 1)[0].bytes
        for (index, byte) in bytes.enumerated() {
            if byte == 10 { #expect(index > 0 && bytes[index - 1] == 13, "a bare LF at \(index)") }
            if byte == 13 { #expect(index + 1 < bytes.count && bytes[index + 1] == 10, "a bare CR at \(index)") }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasSuffix("\r\n\r\none\r\n.\r\n..two\r\n\r\nthree\r\nfour\r\nfive\r\n"))
        #expect(server.violations.isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
        await server.stop()
    }

    @Test("gets no header field and no recipient by what stands in a name, an address or an option")
    func injection() async throws {
        let server = try await SMTPServer.start()
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let evil = "evil@example.org"
        let plain = "To: somebody@example.org\nSubject: x\n\nHello.\n"
        let whole = "From: \(Self.author)\n" + plain
        for arguments in [
            ["send", "--from", "\(Self.author)\r\nRCPT TO:<\(evil)>"],
            ["send", "--from", "x\n\(Self.author)"],
            ["send", "--to", "somebody@example.org\nBcc: \(evil)"],
            ["send", "--to", "somebody@example.org>\r\nDATA"],
            ["sendmail", "-t", "-f", "\(Self.author)\nBcc: \(evil)"], ["sendmail", "somebody@example.org\n\(evil)"],
        ] {
            let refused = try await service.run(words: arguments, input: whole)
            #expect(refused.status == .exited(65), "\(arguments): \(refused.text)\(refused.errors)")
            #expect(refused.errors.contains("is not an address"), "\(arguments): \(refused.errors)")
        }
        let header = try await service.run("send", input: "From: \(Self.author)\nSubject: a\rBcc: \(evil)\n" + plain)
        #expect(header.status == .exited(65))
        #expect(header.errors.contains("carriage return"))
        // A name is only a name.
        let named = try await service.run("sendmail", "-t", "-F", "Anna\r\nBcc: \(evil)\r\n\r\nx", input: plain)
        #expect(named.status == .exited(0), "\(named.errors)")
        let sent = try await server.transactions(atLeast: 1)
        #expect(sent.count == 1)
        #expect(sent[0].recipients == ["somebody@example.org"])
        #expect(sent[0].header("Bcc") == nil && sent[0].header("Subject") == "x")
        #expect(sent[0].header("From")?.hasSuffix("<\(Self.author)>") == true)
        #expect(server.events.allSatisfy { !$0.argument.contains("evil") })
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
        await server.stop()
    }

    @Test(
        "is refused with a sentence that says what to do",
        arguments: [
            ("", "The message is empty"), ("To: a@b.example\n\nx\n", "no From field"),
            ("From: \(author)\n\nx\n", "no recipient"), ("From: \(author)\nTo: a\n\nx\n", "has no domain"),
            ("From: \(author)\nTo: a@b.example\n\nx\u{0}y\n", "NUL octet"),
            ("From: \(author)\nFrom: \(author)\nTo: a@b.example\n\nx\n", "2 From fields"),
            ("From: stranger@example.org\nTo: a@b.example\n\nx\n", "add it to send.from"),
        ])
    func refused(message: String, words: String) async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        let finished = try await service.run("send", "--account", "anna", input: message)
        #expect(finished.status == .exited(65))
        #expect(finished.errors.contains(words) && finished.output.isEmpty, "\(finished.errors)")
        #expect(try await service.run("queue").text.split(separator: "\n").count <= 1)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
