import Explanations
import Testing

@testable import MailProtocol

@Suite("What SMTP servers are known to say")
struct ExplainedRulesTests {
    private static let rules = SMTPRule.signIn + SMTPRule.sending
    /// Pieces of one long word, which has an entry as it is sent.
    private static let partial = ["submissionquotaexceeded", "submission.exception:quotaexceeded"]

    /// Replies that a rule matches; none for a rule that looks at the code alone, which says too little.
    private static let replies: [String] = rules.flatMap { rule in
        let code = rule.codes?.lowerBound ?? 550
        return rule.enhanced.map { "\(code) \($0) Something" }
            + rule.phrases.filter { !partial.contains($0) }.map { "\(code) Something, \($0), and more" }
    }

    @Test("is explained, all of it", arguments: replies)
    func explained(reply: String) {
        #expect(Explanations.find(reply).first?.key.hasPrefix("SMTP ") == true)
    }

    @Test("is a lot")
    func many() {
        #expect(ExplainedRulesTests.replies.count > 40)
    }
}
