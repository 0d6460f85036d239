import Diagnostics
import Operations
import Testing

@testable import Console

@Suite("The live check") struct OwnerCheckTests {
    private static let whole = [
        ("configuration", nil), ("destination", "maildir"), ("dns", "imap"), ("tls", "imap"), ("dns", "smtp"),
        ("token", "receive"), ("identity", "receive"), ("mailbox_sign_in", nil), ("folders", nil),
        ("exchange_settings", nil), ("submission_sign_in", nil), ("sender", "anna@example.test"), ("test_mail", nil),
        ("test_mail_received", nil),
    ].map { OwnerCheck.Step($0.0, of: $0.1) }

    private func words(_ check: OwnerCheck) -> String {
        check.states.map { "\($0.part.rawValue) \($0.state.rawValue)" }.joined(separator: ", ")
    }

    private func step(_ step: OwnerCheck.Step, _ outcome: DoctorReport.Outcome = .ok) -> DoctorReport.Step {
        DoctorReport.Step(
            step: step.word, of: step.subject, outcome: outcome, found: "It is so.", nextStep: "Change it.")
    }

    @Test("has a tick for each part once all its steps are done, and says which one is running")
    func ticks() {
        var check = OwnerCheck(planned: Self.whole)
        #expect(
            words(check)
                == "sign_in waiting, mailbox running, folders waiting, sending waiting, test_mail waiting")
        for planned in Self.whole.prefix(7) { check.ended(step(planned)) }
        #expect(words(check) == "sign_in ok, mailbox running, folders waiting, sending waiting, test_mail waiting")
        for planned in Self.whole.dropFirst(7).prefix(6) { check.ended(step(planned)) }
        #expect(words(check) == "sign_in ok, mailbox ok, folders ok, sending ok, test_mail running")
        #expect(!check.isOver && !check.hasFailed)
        check.ended(step(Self.whole[13]))
        #expect(words(check) == "sign_in ok, mailbox ok, folders ok, sending ok, test_mail ok")
        #expect(check.isOver && !check.hasFailed && check.forAdministrator.isEmpty)
    }

    @Test("shows what failed and what was not tried for it, and tells the administrator why")
    func failed() {
        var check = OwnerCheck(planned: Self.whole)
        for planned in Self.whole {
            let outcome: DoctorReport.Outcome =
                planned.word == "submission_sign_in"
                ? .failed : ["sender", "test_mail", "test_mail_received"].contains(planned.word) ? .skipped : .ok
            check.ended(step(planned, outcome))
        }
        #expect(words(check) == "sign_in ok, mailbox ok, folders ok, sending failed, test_mail skipped")
        #expect(check.isOver && check.hasFailed)
        #expect(check.forAdministrator == ["submission_sign_in: It is so. Change it."])
    }

    @Test("is not well when the test mail does not arrive, and well with any other warning")
    func warnings() {
        var check = OwnerCheck(planned: Self.whole)
        for planned in Self.whole { check.ended(step(planned, planned.word == "folders" ? .warning : .ok)) }
        #expect(!check.hasFailed)
        check.ended(step(Self.whole[13], .warning))
        #expect(check.hasFailed && check.forAdministrator.count == 1)
    }

    @Test("has only the parts that the account has, and ends also when it is broken off")
    func parts() {
        var check = OwnerCheck(planned: Array(Self.whole.filter { $0.part != .sending && $0.part != .testMail }))
        #expect(check.states.map(\.part) == [.signIn, .mailbox, .folders])
        check.ended(step(Self.whole[2]))
        check.end()
        #expect(check.isOver)
        #expect(words(check) == "sign_in skipped, mailbox skipped, folders skipped")
    }
}
