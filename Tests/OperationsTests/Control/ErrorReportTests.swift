import Diagnostics
import Explanations
import Operations
import Testing

@Suite("An error's explanation")
struct ErrorReportTests {
    private var facts: ExplanationFacts {
        var facts = ExplanationFacts()
        facts[.account] = "support"
        facts[.provider] = "contoso"
        return facts
    }

    @Test("is made only for whoever wants it")
    func wanted() {
        let failure = Failure(.account, .now, operation: "sign in", reason: "x", serverLine: "535 5.7.3 no")
        #expect(ErrorReport(failure).explanation == nil)
        #expect(ErrorReport(failure, explainedWith: facts).explanation?.key == "SMTP 535 5.7.3")
    }

    @Test("names the host that the failure names")
    func host() {
        let failure = Failure(
            .direction, .later(after: nil), operation: "connect",
            reason: "mail.contoso.de:993 did not accept the connection within 30 s. Check host, port and firewall.",
            place: ["host": "mail.contoso.de:993"])
        let explanation = ErrorReport(failure, explainedWith: facts).explanation
        #expect(explanation?.toDo.contains("`openssl s_client -connect mail.contoso.de:993`") == true)
    }

    @Test("names who was signed in, which is not always the name of the configuration")
    func login() {
        var facts = facts
        facts[.login] = "support@contoso.de"
        var failure = Failure(
            .direction, .whenReconfigured(by: .tenantAdministrator), operation: "MAIL FROM", reason: "x",
            serverLine: "550 5.7.60 SMTP; Client does not have permissions to send as this sender")
        let told = ErrorReport(failure, explainedWith: facts).explanation
        #expect(told?.toDo.contains("-Trustee support@contoso.de") == true)
        failure.place["login"] = "anna@contoso.de"
        let corrected = ErrorReport(failure, explainedWith: facts).explanation
        #expect(corrected?.toDo.contains("-Trustee anna@contoso.de") == true)
    }

    @Test(
        "is that of the state where nothing more exact is known",
        arguments: [
            (.now, nil, "waiting"), (.later(after: nil), nil, "waiting"),
            (.later(after: nil), .throttled, "throttled"), (.whenReauthorized, nil, "needs_authorization"),
            (.whenReconfigured(by: .tenantAdministrator), nil, "needs_admin"),
            (.whenReconfigured(by: .operatorOfPostbote), nil, "misconfigured"), (.never, nil, "failed"),
        ] as [(Failure.Retry, Failure.Condition?, String)])
    func states(retry: Failure.Retry, condition: Failure.Condition?, state: String) {
        let failure = Failure(.direction, retry, operation: "x", reason: "Ach je.", condition: condition)
        #expect(ErrorReport(failure, explainedWith: facts).explanation?.key == "State \(state)")
    }
}
