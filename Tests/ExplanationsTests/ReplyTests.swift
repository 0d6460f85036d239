import Explanations
import Testing

@Suite("What providers say")
struct ReplyTests {
    @Test("over IMAP and POP3 finds its entry", arguments: Reply.mailboxes)
    func mailboxes(reply: Reply) {
        #expect(Explanations.find(reply.line).map(\.key) == [reply.key])
    }

    @Test("over SMTP finds its entry", arguments: Reply.submission)
    func submission(reply: Reply) {
        #expect(Explanations.find(reply.line).map(\.key) == [reply.key])
    }

    @Test("at a token endpoint finds its entry", arguments: Reply.tokens)
    func tokens(reply: Reply) {
        #expect(Explanations.find(reply.line).map(\.key) == [reply.key])
    }

    @Test("in a line of the journal finds its entry", arguments: Reply.journal)
    func journal(reply: Reply) {
        #expect(Explanations.find(reply.line).first?.key == reply.key)
    }
}
