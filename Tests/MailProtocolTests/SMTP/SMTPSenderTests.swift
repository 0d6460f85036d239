import Diagnostics
import MailModel
import MailProtocol
import Testing

@Suite("A server that is asked about a sender") struct SMTPSenderTests {
    private func ask(
        _ sender: String, _ capabilities: SMTPCapabilities = .everything
    ) throws -> SMTPDialog {
        var dialog = SMTPDialog(capabilities)
        dialog.perform(dialog.session.ask(about: try #require(MailAddress(sender))))
        return dialog
    }

    @Test("takes it, and the question is taken back: a message can follow")
    func accepted() throws {
        var dialog = try ask("a@x.test")
        #expect(dialog.client() == ["MAIL FROM:<a@x.test>"])
        dialog.server("250 ok")
        #expect(dialog.client() == ["RSET"])
        dialog.server("250 ok")
        #expect(dialog.actions == [.senderChecked(nil)])
        dialog.perform(dialog.session.submit(try .to("b@x.test")))
        #expect(dialog.client().first == "MAIL FROM:<a@x.test> SIZE=100")
    }

    @Test("refuses it, and another can be asked about")
    func refused() throws {
        var dialog = try ask("a@x.test")
        dialog.server("550 5.7.60 no")
        dialog.server("250 ok")
        guard case .senderChecked(let refusal?) = dialog.actions.last else { throw Missing() }
        #expect(refusal.serverLine?.contains("5.7.60") == true && refusal.operation == "MAIL FROM")
        #expect(dialog.session.isReady)
    }

    @Test(
        "answers out of step or hangs up: its word stays, and the connection is closed",
        arguments: [["421 bye"], ["354 go"], ["250 ok", "421 bye"], ["550 no", "500 what"]])
    func broken(replies: [String]) throws {
        var dialog = try ask("a@x.test")
        for reply in replies { dialog.server(reply) }
        #expect(dialog.session.isClosed && dialog.isClosed)
        guard case .senderChecked(let refusal) = dialog.actions.first else { throw Missing() }
        #expect((refusal == nil) == (replies[0] == "250 ok"))
    }

    @Test("hangs up at the question, or at its end: told apart")
    func lost() throws {
        let lost = Failure(.direction, .later(after: nil), operation: "read", reason: "It is gone.")
        var early = try ask("a@x.test")
        early.perform(early.session.connectionEnded(lost))
        #expect(early.actions == [.senderChecked(lost), .close(lost)])
        var late = try ask("a@x.test")
        late.server("250 ok")
        late.perform(late.session.connectionEnded(lost))
        #expect(late.actions == [.senderChecked(nil), .close(lost)])
    }

    @Test("is not asked what it cannot be told: RFC 6531 §3.2")
    func international() throws {
        var dialog = try ask("ä@x.test", .nothing)
        #expect(dialog.client().isEmpty)
        guard case .senderChecked(let refusal?) = dialog.actions.last else { throw Missing() }
        #expect(refusal.reason.contains("SMTPUTF8"))
        dialog = try ask("ä@x.test")
        #expect(dialog.client() == ["MAIL FROM:<ä@x.test> SMTPUTF8"])
    }

    private struct Missing: Error {}
}
