import Diagnostics
import MailModel
import MailProtocol
import Testing

@Suite struct SMTPSubmissionTests {
    private func dialog(
        _ envelope: SMTPEnvelope, _ capabilities: SMTPCapabilities = .everything
    ) -> SMTPDialog {
        var dialog = SMTPDialog(capabilities)
        dialog.perform(dialog.session.submit(envelope))
        return dialog
    }

    // MARK: The usual way

    @Test("With PIPELINING all commands go out at once, DATA last")
    func pipelined() throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"))
        #expect(
            dialog.client() == [
                "MAIL FROM:<a@x.test> SIZE=100", "RCPT TO:<b@x.test>", "RCPT TO:<c@x.test>", "DATA",
            ])
        dialog.server("250 ok", "250 ok", "250 ok", "354 go")
        #expect(dialog.actions == [.sendContent])
        dialog.perform(dialog.session.contentSent())
        #expect(dialog.actions == [.sendContent, .commitMarker])
        #expect(dialog.client().isEmpty)
        dialog.perform(dialog.session.markerCommitted())
        #expect(dialog.client() == ["."])
        dialog.server("250 2.0.0 queued as 1")
        #expect(dialog.result?.outcomes.map(\.short) == ["accepted 250", "accepted 250"])
        #expect(dialog.session.isReady && !dialog.isClosed)
    }

    @Test("Without PIPELINING each command waits for the reply to the one before")
    func oneByOne() throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"), .nothing)
        #expect(dialog.client() == ["MAIL FROM:<a@x.test>"])
        dialog.server("250 ok")
        #expect(dialog.client() == ["RCPT TO:<b@x.test>"])
        dialog.server("250 ok")
        #expect(dialog.client() == ["RCPT TO:<c@x.test>"])
        dialog.server("550 5.1.1 no")
        #expect(dialog.client() == ["DATA"])
        dialog.server("354 go")
        dialog.sendContent()
        #expect(dialog.client() == ["."])
        dialog.server("250 ok")
        #expect(dialog.result?.outcomes.map(\.short) == ["accepted 250", "failed 550"])
    }

    @Test("Groups are bounded, and DATA ends the last")
    func groups() throws {
        let recipients = (0..<120).map { MailAddress(localPart: "r\($0)", domain: "x.test") }
        var dialog = dialog(try SMTPEnvelope(reversePath: nil, recipients: recipients))
        var sent: [String] = []
        var sizes: [Int] = []
        while !dialog.actions.contains(.sendContent) {
            let group = dialog.client()
            sizes.append(group.count)
            sent += group
            for line in group { dialog.server(line == "DATA" ? "354 go" : "250 ok") }
        }
        #expect(sizes == [50, 50, 22])
        #expect(sent.first == "MAIL FROM:<>" && sent.last == "DATA")
        #expect(sent[1...120].map(\.self) == recipients.map { "RCPT TO:<\($0)>" })
    }

    @Test("No DATA goes out alone when all recipients before it were refused")
    func noDataAfterRefusals() throws {
        let recipients = (0..<49).map { MailAddress(localPart: "r\($0)", domain: "x.test") }
        var dialog = dialog(try SMTPEnvelope(reversePath: nil, recipients: recipients))
        #expect(dialog.client().count == 50)
        dialog.server("250 ok")
        for _ in recipients { dialog.server("550 5.1.1 no") }
        #expect(dialog.client().isEmpty)
        #expect(dialog.result?.outcomes.allSatisfy { $0.short == "failed 550" } == true)
    }

    @Test("Many messages go over one connection, without RSET after an accepted one")
    func manyMessages() throws {
        var dialog = dialog(try .to("b@x.test"))
        for _ in 0..<3 {
            #expect(dialog.client().first == "MAIL FROM:<a@x.test> SIZE=100")
            dialog.server("250 ok", "250 ok", "354 go")
            dialog.sendContent()
            dialog.server("250 ok")
            #expect(dialog.result?.outcomes.map(\.short) == ["accepted 250"])
            _ = dialog.client()
            dialog.perform(dialog.session.submit(try .to("b@x.test")))
        }
    }

    @Test("QUIT ends the session, whatever is replied", arguments: ["221 bye", "500 what", nil])
    func quit(reply: String?) throws {
        let gone = Failure(.direction, .now, operation: "read", reason: "Gone.")
        var dialog = SMTPDialog()
        dialog.perform(dialog.session.quit())
        #expect(dialog.client() == ["QUIT"])
        if let reply { dialog.server(reply) } else { dialog.perform(dialog.session.connectionEnded(gone)) }
        #expect(dialog.actions == [.close(nil)] && dialog.session.isClosed)
    }

    // MARK: Parameters

    @Test("Parameters are sent only where they are offered and needed")
    func parameters() throws {
        let umlaut = try SMTPEnvelope(
            reversePath: MailAddress("ä@x.test"), recipients: [MailAddress(localPart: "b", domain: "x.test")],
            size: 5,
            is8Bit: true)
        var all = dialog(umlaut)
        #expect(all.client().first == "MAIL FROM:<ä@x.test> SIZE=5 BODY=8BITMIME SMTPUTF8")
        let header = try SMTPEnvelope(
            reversePath: nil, recipients: [MailAddress(localPart: "b c", domain: "x.test")],
            hasInternationalizedHeader: true)
        var utf8 = dialog(header, .with("SMTPUTF8"))
        #expect(utf8.client() == ["MAIL FROM:<> SMTPUTF8"])
        utf8.server("250 ok")
        #expect(utf8.client() == ["RCPT TO:<\"b c\"@x.test>"])
    }

    @Test("What the server said it would refuse is not asked for")
    func refusedBeforehand() throws {
        let recipient = MailAddress(localPart: "b", domain: "x.test")
        let tooLarge = try SMTPEnvelope(reversePath: nil, recipients: [recipient], size: 1_000_001)
        let eightBit = try SMTPEnvelope(reversePath: nil, recipients: [recipient], is8Bit: true)
        let header = try SMTPEnvelope(reversePath: nil, recipients: [recipient], hasInternationalizedHeader: true)
        let sender = try SMTPEnvelope(reversePath: MailAddress("ä@x.test"), recipients: [recipient])
        for (envelope, capabilities) in [
            (tooLarge, .everything), (eightBit, .nothing), (header, .nothing), (sender, .nothing),
        ] as [(SMTPEnvelope, SMTPCapabilities)] {
            var dialog = dialog(envelope, capabilities)
            #expect(dialog.client().isEmpty && dialog.session.isReady)
            #expect(dialog.result?.outcomes.map(\.short) == ["failed -"])
        }
    }

    @Test("Only international recipients fail where the server takes ASCII only")
    func asciiOnly() throws {
        var dialog = dialog(try .to("ä@x.test", "b@x.test"), .nothing)
        _ = dialog.client()
        dialog.server("250 ok")
        #expect(dialog.client() == ["RCPT TO:<b@x.test>"])
        dialog.server("250 ok")
        dialog.server("354 go")
        dialog.sendContent()
        dialog.server("250 ok")
        #expect(dialog.result?.outcomes.map(\.short) == ["failed -", "accepted 250"])
    }

    @Test(
        "An address that would end its line makes no envelope",
        arguments: ["b\r\nDATA", "b\u{0}", "", String(repeating: "b", count: 300)])
    func injection(localPart: String) {
        let address = MailAddress(localPart: localPart, domain: "x.test")
        #expect(throws: Failure.self) { try SMTPEnvelope(reversePath: nil, recipients: [address]) }
        #expect(throws: Failure.self) {
            try SMTPEnvelope(reversePath: address, recipients: [MailAddress(localPart: "a", domain: "x.test")])
        }
    }

    @Test("Nobody to send to makes no envelope")
    func noRecipients() { #expect(throws: Failure.self) { try SMTPEnvelope(reversePath: nil, recipients: []) } }

    // MARK: Refusals

    @Test("Of ten recipients three are refused, each with its own reply")
    func partial() throws {
        let recipients = (0..<10).map { MailAddress(localPart: "r\($0)", domain: "x.test") }
        var dialog = dialog(try SMTPEnvelope(reversePath: nil, recipients: recipients))
        _ = dialog.client()
        dialog.server("250 ok", "250 ok", "550 5.1.1 no", "250 ok", "450 4.7.1 later", "251 forwarded")
        dialog.server("250 ok", "250 ok", "550 5.7.1 no", "250 ok", "250 ok", "354 go")
        dialog.sendContent()
        dialog.server("250 ok")
        let expected = [
            "accepted 250", "failed 550", "accepted 250", "deferred 450", "accepted 250", "accepted 250",
            "accepted 250",
            "failed 550", "accepted 250", "accepted 250",
        ]
        #expect(dialog.result?.outcomes.map(\.short) == expected)
        #expect(dialog.result?.parking == nil)
    }

    @Test("A DATA accepted although all recipients were refused is ended by a lone dot, without a marker")
    func loneDot() throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"))
        _ = dialog.client()
        dialog.server("250 ok", "550 5.1.1 no", "450 4.2.1 later", "354 go")
        #expect(dialog.client() == ["."])
        #expect(dialog.actions.isEmpty)
        dialog.server("554 5.5.1 no valid recipients")
        #expect(dialog.result?.outcomes.map(\.short) == ["failed 550", "deferred 450"])
        #expect(dialog.session.isReady)
    }

    @Test("After a transaction that was not ended RSET comes before the next")
    func reset() throws {
        var dialog = dialog(try .to("b@x.test"))
        _ = dialog.client()
        dialog.server("250 ok", "550 5.1.1 no", "554 5.5.1 no valid recipients")
        #expect(dialog.result?.outcomes.map(\.short) == ["failed 550"])
        dialog.perform(dialog.session.submit(try .to("c@x.test")))
        #expect(dialog.client() == ["RSET", "MAIL FROM:<a@x.test> SIZE=100", "RCPT TO:<c@x.test>", "DATA"])
        dialog.server("250 flushed", "250 ok", "250 ok", "354 go")
        dialog.sendContent()
        dialog.server("250 ok")
        #expect(dialog.result?.outcomes.map(\.short) == ["accepted 250"])
    }

    @Test("A refused RSET ends the connection and defers the message")
    func refusedReset() throws {
        var dialog = dialog(try .to("b@x.test"), .nothing)
        dialog.server("250 ok", "550 no")
        _ = dialog.client()
        dialog.perform(dialog.session.submit(try .to("c@x.test")))
        #expect(dialog.client() == ["RSET"])
        dialog.server("500 what")
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred 500"])
        #expect(dialog.isClosed)
    }

    @Test("A refused MAIL counts for all recipients; what follows it says nothing new")
    func refusedMail() throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"))
        dialog.server("550 5.7.60 not your address", "503 no", "503 no", "503 no")
        #expect(dialog.result?.outcomes.map(\.short) == ["failed 550", "failed 550"])
        #expect(dialog.session.isReady)
    }

    @Test("Where MAIL was refused and recipients were not, DATA is not ended by a dot")
    func confusedServer() throws {
        var dialog = dialog(try .to("b@x.test"))
        _ = dialog.client()
        dialog.server("550 5.1.0 no", "250 ok", "354 go")
        #expect(dialog.client().isEmpty)
        #expect(dialog.isClosed && dialog.result?.outcomes.map(\.short) == ["failed 550"])
    }

    @Test("A refused DATA counts for the accepted recipients only")
    func refusedData() throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"))
        dialog.server("250 ok", "250 ok", "550 5.1.1 no", "450 4.3.0 later")
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred 450", "failed 550"])
        #expect(dialog.session.isReady)
    }

    @Test(
        "The reply to the final dot counts for the accepted recipients",
        arguments: [("554 5.6.0 no", "failed 554"), ("451 4.3.0 later", "deferred 451")])
    func refusedContent(reply: String, outcome: String) throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"))
        dialog.server("250 ok", "450 4.2.1 busy", "250 ok", "354 go")
        dialog.sendContent()
        dialog.server(reply)
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred 450", outcome])
        #expect(dialog.session.isReady)
    }

    @Test("A full daily quota parks the direction and bounces nobody")
    func quota() throws {
        var dialog = dialog(try .to("b@x.test"))
        dialog.server("250 ok", "250 ok", "354 go")
        dialog.sendContent()
        dialog.server("550-5.4.5 Daily user sending limit exceeded.", "550 5.4.5 https://x - gsmtp")
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred 550"])
        #expect(dialog.result?.parking?.retry == .later(after: .seconds(86400)))
    }

    @Test("A bar on the account, met at a recipient, stops the message and parks the direction")
    func barred() throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"), .nothing)
        dialog.server("250 ok", "550 5.1.8 Access denied, bad outbound sender")
        #expect(dialog.client().last == "RCPT TO:<b@x.test>")
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred 550", "deferred 550"])
        #expect(dialog.result?.parking?.retry == .whenReconfigured(by: .tenantAdministrator))
    }

    @Test("Recipients over the server's limit follow at once, but only when others were accepted")
    func tooManyRecipients() throws {
        var some = dialog(try .to("b@x.test", "c@x.test"))
        some.server("250 ok", "250 ok", "452 4.5.3 too many recipients", "354 go")
        some.sendContent()
        some.server("250 ok")
        #expect(some.result?.outcomes[1].failure?.retry == .now)
        var none = dialog(try .to("b@x.test"))
        none.server("250 ok", "452 4.5.3 too many recipients", "554 no")
        #expect(none.result?.outcomes[0].failure?.retry == .later(after: nil))
    }
}
