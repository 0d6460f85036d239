import MailModel
import Testing

@testable import Daemon

@Suite("A mail about accounts in trouble") struct ProblemDigestTests {
    private func problem(_ name: String, _ state: DirectionState, _ reason: String) -> DirectionProblem {
        DirectionProblem(account: AccountName(name)!, direction: .receive, state: state, reason: reason)
    }

    @Test("says a reason once, however many accounts it stops")
    func oneReason() {
        let problems = (0..<5000).map { problem("a\($0)", .misconfigured, "The client secret has expired.") }
        let digest = ProblemDigest(problems + [problem("zoe", .needsAuthorization, "zoe must sign in.")])
        #expect(digest.subject == "5001 accounts: need somebody")
        #expect(digest.text.split(separator: "\n").count { $0 == "The client secret has expired." } == 1)
        #expect(digest.text.contains("and 4980 more: misconfigured"))
        #expect(digest.text.contains("zoe: needs_authorization\nzoe must sign in."))
        #expect(digest.text.utf8.count < 2000)
    }

    @Test("names the account where it is one, and counts those for which there is no room")
    func few() {
        #expect(
            ProblemDigest([problem("zoe", .needsAdmin, "No.")]).subject
                == "zoe: the mail provider's administrator is needed")
        let many = ProblemDigest((0..<100).map { problem("a\($0)", .needsAuthorization, "a\($0) must sign in.") })
        #expect(many.text.contains("And 80 accounts more, for other reasons."))
    }
}
