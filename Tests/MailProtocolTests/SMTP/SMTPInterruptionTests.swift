import Diagnostics
import MailModel
import MailProtocol
import Testing

/// Connections that end in the middle, replies that come too early or do not fit.
@Suite struct SMTPInterruptionTests {
    private static let gone = Failure(.direction, .now, operation: "read", reason: "Gone.")

    private func dialog(
        _ envelope: SMTPEnvelope, _ capabilities: SMTPCapabilities = .everything
    ) -> SMTPDialog {
        var dialog = SMTPDialog(capabilities)
        dialog.perform(dialog.session.submit(envelope))
        return dialog
    }

    @Test("421 closes the connection wherever it comes", arguments: 0..<5)
    func serviceNotAvailable(position: Int) throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"))
        for (index, reply) in ["250 ok", "250 ok", "250 ok", "354 go"].enumerated() where index < position {
            dialog.server(reply)
        }
        if position == 4 { dialog.sendContent() }
        dialog.server("421 4.3.2 shutting down")
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred 421", "deferred 421"])
        #expect(dialog.result?.isInDoubt == false)
        #expect(dialog.isClosed && dialog.session.isClosed)
    }

    @Test("421 between messages ends the session without blame")
    func idle() {
        var dialog = SMTPDialog()
        dialog.server("421 4.4.2 timeout")
        guard case .close(let failure) = dialog.actions.first else { return #expect(Bool(false)) }
        #expect(failure?.condition == .sessionEnded && failure?.retry == .now)
    }

    @Test(
        "A reply while content is on its way ends the message before the dot",
        arguments: [
            ("552 5.3.4 too big", "failed 552"), ("451 4.3.0 disk full", "deferred 451"),
            ("250 what", "deferred 250"),
        ])
    func early(reply: String, outcome: String) throws {
        var dialog = dialog(try .to("b@x.test"))
        dialog.server("250 ok", "250 ok", "354 go")
        _ = dialog.client()
        dialog.perform(dialog.session.contentSent())
        dialog.server(reply)
        dialog.perform(dialog.session.markerCommitted())
        #expect(dialog.client().isEmpty)
        #expect(dialog.result?.outcomes.map(\.short) == [outcome])
        #expect(dialog.isClosed)
    }

    @Test(
        "A reply that does not fit ends the connection",
        arguments: [
            ["354 go"], ["250 ok", "354 go"], ["250 ok", "250 ok", "250 ok"], ["250 ok", "250 ok", "334 x"],
            ["hello"],
        ])
    func outOfStep(replies: [String]) throws {
        var dialog = dialog(try .to("b@x.test"))
        for reply in replies { dialog.server(reply) }
        #expect(dialog.isClosed && dialog.session.isClosed)
        guard case .deferred(let failure) = dialog.result?.outcomes.first else { return #expect(Bool(false)) }
        #expect(failure.scope == .message || failure.operation == "SMTP")
    }

    @Test("A reply to the final dot that is no answer leaves the message in doubt", arguments: ["354 go", "what"])
    func nonsenseAfterDot(reply: String) throws {
        var dialog = dialog(try .to("b@x.test"))
        dialog.server("250 ok", "250 ok", "354 go")
        dialog.sendContent()
        dialog.server(reply)
        #expect(dialog.result?.outcomes.map(\.short) == ["in doubt"])
        #expect(dialog.isClosed)
    }

    // MARK: Hanging up

    @Test(
        "A connection lost at any line before the dot defers, after it leaves in doubt", arguments: [true, false],
        0..<8)
    func hangUp(hasPipelining: Bool, after count: Int) throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"), hasPipelining ? .everything : .nothing)
        var steps: [(inout SMTPDialog) -> Void] = ["250 ok", "550 5.1.1 no", "250 ok", "354 go"].map { reply in
            { $0.server(reply) }
        }
        steps.append { $0.perform($0.session.contentSent()) }
        steps.append { $0.perform($0.session.markerCommitted()) }
        steps.append { $0.server("250 ok") }
        for step in steps.prefix(count) { step(&dialog) }
        dialog.perform(dialog.session.connectionEnded(Self.gone))
        let outcomes = dialog.result?.outcomes.map(\.short)
        switch count {
        case 0...1: #expect(outcomes == ["deferred -", "deferred -"])
        case 2...5: #expect(outcomes == ["failed 550", "deferred -"])
        case 6: #expect(outcomes == ["failed 550", "in doubt"])
        default: #expect(outcomes == ["failed 550", "accepted 250"])
        }
        #expect(dialog.actions.filter { if case .finished = $0 { true } else { false } }.count == 1)
        #expect(dialog.isClosed && dialog.session.isClosed)
        #expect(dialog.session.connectionEnded(Self.gone).isEmpty)
    }

    @Test("A broken connection counts against the message that was on it, not against the direction")
    func interrupted() throws {
        var dialog = dialog(try .to("b@x.test"))
        dialog.perform(dialog.session.connectionEnded(Self.gone))
        #expect(dialog.result?.parking == nil)
        #expect(dialog.actions.last == .close(Self.gone))
    }

    @Test("A final dot that could not be sent at all defers, although the marker is durable")
    func withheld() throws {
        var dialog = dialog(try .to("b@x.test", "c@x.test"))
        dialog.server("250 ok", "550 5.1.1 no", "250 ok", "354 go")
        dialog.sendContent()
        dialog.perform(dialog.session.finalDotWithheld(Self.gone))
        #expect(dialog.result?.outcomes.map(\.short) == ["failed 550", "deferred -"])
        #expect(dialog.isClosed && dialog.session.isClosed)
    }

    @Test(
        "What the server said last is why the message waits; where no dot went, even a welcome word is no acceptance",
        arguments: [("421 4.3.2 Restarting\r\n", "deferred 421"), ("552 5.3.4 Too large\r\n", "failed 552")])
    func lastWords(said: String, outcome: String) throws {
        for isWithheld in [false, true] {
            var dialog = dialog(try .to("b@x.test"))
            dialog.server("250 ok", "250 ok", "354 go")
            if isWithheld { dialog.sendContent() }
            let ended =
                isWithheld
                ? dialog.session.finalDotWithheld(Self.gone, lastWords: Array(said.utf8))
                : dialog.session.connectionEnded(Self.gone, lastWords: Array(said.utf8))
            dialog.perform(ended)
            #expect(dialog.result?.outcomes.map(\.short) == [outcome])
            #expect(dialog.isClosed && dialog.session.isClosed)
        }
        var dialog = dialog(try .to("b@x.test"))
        dialog.server("250 ok", "250 ok", "354 go")
        dialog.sendContent()
        dialog.perform(dialog.session.finalDotWithheld(Self.gone, lastWords: Array("250 ok\r\n".utf8)))
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred 250"])
    }

    @Test("After words that ask for more there is nobody to send it to")
    func goneAfterWords() throws {
        var dialog = dialog(try .to("b@x.test"))
        _ = dialog.client()
        dialog.perform(
            dialog.session.connectionEnded(Self.gone, lastWords: Array("250 ok\r\n250 ok\r\n354 go\r\n".utf8)))
        #expect(dialog.client().isEmpty)
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred -"])
        #expect(dialog.isClosed && dialog.session.isClosed)
    }

    @Test("Content that cannot be read is not sent half")
    func unreadableContent() throws {
        var dialog = dialog(try .to("b@x.test"))
        dialog.server("250 ok", "250 ok", "354 go")
        _ = dialog.client()
        dialog.perform(
            dialog.session.connectionEnded(Failure(.daemon, .never, operation: "read", reason: "Damaged.")))
        #expect(dialog.client().isEmpty)
        #expect(dialog.result?.outcomes.map(\.short) == ["deferred -"])
    }

    @Test("The same dialog, cut into any pieces, ends the same")
    func splits() throws {
        let replies = Array("250-a\r\n250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n".utf8)
        for split in 0...replies.count {
            var dialog = dialog(try .to("b@x.test", "c@x.test"))
            dialog.perform(dialog.session.receive(replies[..<split]))
            dialog.perform(dialog.session.receive(replies[split...]))
            #expect(dialog.actions == [.sendContent])
        }
    }

    @Test("Each wait has its time limit")
    func timeouts() throws {
        var dialog = SMTPDialog()
        #expect(dialog.session.replyTimeout == nil)
        dialog.perform(dialog.session.submit(try .to("b@x.test")))
        #expect(dialog.session.replyTimeout == .seconds(300))
        dialog.server("250 ok", "250 ok")
        #expect(dialog.session.replyTimeout == .seconds(120))
        dialog.server("354 go")
        #expect(dialog.session.replyTimeout == nil)
        dialog.sendContent()
        #expect(dialog.session.replyTimeout == .seconds(600))
    }
}
