import Console
import Diagnostics
import Explanations
import Testing

@Suite("Why a sign-in did not work") struct OwnerProblemTests {
    private func problem(
        _ line: String?, _ retry: Failure.Retry = .whenReauthorized, _ condition: Failure.Condition? = nil,
        place: [String: String] = [:]
    ) -> OwnerProblem {
        var facts = ExplanationFacts()
        facts[.clientID] = "the-client"
        return OwnerProblem(
            Failure(
                .account, retry, operation: "sign in with a browser", reason: "It was refused.", serverLine: line,
                place: place, condition: condition),
            expected: "anna@contoso.de", facts)
    }

    @Test(
        "is told in the words of whoever can do something",
        arguments: [
            ("access_denied: AADSTS65004: The user declined.", .declined), ("access_denied", .declined),
            ("consent_required: AADSTS65001: no consent", .again), ("AADSTS90094: admin", .needsApproval),
            ("AADSTS90095: admin", .needsApproval), ("invalid_client: AADSTS7000222: expired", .misconfigured),
            ("invalid_request: AADSTS50011: redirect", .misconfigured), ("temporarily_unavailable", .later),
        ] as [(String, OwnerProblem.Kind)])
    func explained(line: String, kind: OwnerProblem.Kind) { #expect(problem(line).kind == kind) }

    @Test(
        "goes by what is to be done where nothing is known of it",
        arguments: [
            (.now, .later), (.later(after: nil), .later), (.whenReauthorized, .again),
            (.whenReconfigured(by: .tenantAdministrator), .needsApproval),
            (.whenReconfigured(by: .operatorOfPostbote), .misconfigured), (.never, .misconfigured),
        ] as [(Failure.Retry, OwnerProblem.Kind)])
    func unknown(retry: Failure.Retry, kind: OwnerProblem.Kind) {
        #expect(problem("xyzzy_unheard_of", retry).kind == kind)
    }

    @Test("names who came and who should have, and has no commands for the owner")
    func wrongPerson() {
        let wrong = problem(nil, .whenReauthorized, .wrongPerson, place: ["signed_in": "bert@contoso.de"])
        #expect(wrong.kind == .wrongPerson(expected: "anna@contoso.de", came: "bert@contoso.de"))
        #expect(wrong.forAdministrator == nil)
        #expect(problem(nil, .whenReauthorized, .changedPerson).kind == .changedPerson)
        #expect(problem("access_denied: AADSTS65004: no").forAdministrator == "AADSTS65004")
        let approval = problem("access_denied: AADSTS90094: admin").forAdministrator
        #expect(approval?.hasPrefix("AADSTS90094: Only an administrator may consent to this app.") == true)
    }
}
