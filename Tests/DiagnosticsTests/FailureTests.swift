import Diagnostics
import Testing

@Suite struct FailureTests {
    @Test("A failure reads as operation, reason and the server's line")
    func description() {
        let failure = Failure(
            .message, .never, operation: "RCPT", reason: "No such user.", serverLine: "550 5.1.1 no")
        #expect(failure.description == "RCPT: No such user. (server: 550 5.1.1 no)")
        #expect(Failure(.message, .never, operation: "RCPT", reason: "No.").description == "RCPT: No.")
    }

    @Test("A smaller scope is less than a larger one")
    func scopes() {
        #expect(Failure.Scope.allCases == [.message, .folder, .direction, .account, .daemon])
        #expect(Failure.Scope.allCases == Failure.Scope.allCases.sorted())
    }

    @Test("The place is added on the way up, and nothing else changes")
    func place() {
        let failure = Failure(.message, .now, operation: "fetch", reason: "Lost.", condition: .sessionEnded)
        let placed = failure.at("uid", "7").at("account", "support")
        #expect(placed.place == ["uid": "7", "account": "support"])
        var stripped = placed
        stripped.place = [:]
        #expect(stripped == failure)
    }

    @Test("an account's failure names it in the command that is advised")
    func account() {
        let failure = Failure(
            .account, .whenReauthorized, operation: "refresh token",
            reason: "Sign in again: postbote authorize ACCOUNT.")
        let named = failure.of(account: "support")
        #expect(named.reason == "Sign in again: postbote authorize support.")
        #expect(named.place["account"] == "support")
    }
}
