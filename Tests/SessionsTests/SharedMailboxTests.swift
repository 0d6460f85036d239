import Authorization
import Diagnostics
import MailModel
import MailProtocol
import TestSupport
import Testing

@testable import Sessions

@Suite("Mail of a shared mailbox is submitted") struct SharedMailboxTests {
    private static let shared = OpenerUnderTest.address
    private static let delegate = "bert@example.test"
    private static let taken = "235 2.7.0 Accepted"
    private static let refused = "535 5.7.3 Authentication unsuccessful"

    private func dialogs(_ tries: [(String, String)]) -> [String] {
        tries.map { SignInDialog.submission("access-1", as: $0, reply: $1) }
    }

    @Test("as the shared mailbox, where the server takes that")
    func shared() async throws {
        let test = try await OpenerUnderTest.start(
            .smtp, dialogs([(Self.shared, Self.taken), (Self.shared, Self.taken)]), delegate: Self.delegate)
        for _ in 0..<2 { try await test.openAndClose() }
        try await test.server.finished(2)
        #expect(test.logins.found.value == [Self.shared])
        await test.server.stop()
    }

    @Test("as whoever signed in where not, which is found with one more sign-in, once")
    func delegate() async throws {
        let test = try await OpenerUnderTest.start(
            .smtp,
            dialogs([
                (Self.shared, Self.refused), (Self.delegate, Self.taken), (Self.delegate, Self.taken),
                (Self.delegate, Self.taken),
            ]), delegate: Self.delegate)
        for _ in 0..<3 { try await test.openAndClose() }
        try await test.server.finished(4)
        #expect(test.logins.found.value == [Self.delegate])
        #expect(test.tokens.value == 1)
        await test.server.stop()
    }

    @Test("as the other one while the first is refused, which stays the first after one refusal")
    func changes() async throws {
        let test = try await OpenerUnderTest.start(
            .smtp,
            dialogs([
                (Self.shared, Self.taken), (Self.shared, Self.refused), (Self.delegate, Self.taken),
                (Self.shared, Self.taken),
            ]), delegate: Self.delegate)
        for _ in 0..<3 { try await test.openAndClose() }
        try await test.server.finished(4)
        #expect(test.logins.found.value == [Self.shared])
        await test.server.stop()
    }

    @Test(
        "as the other one first when the known one was refused three times over 30 minutes, and not taken between",
        arguments: [
            ([(0, false), (900, false), (1800, false)], true), ([(0, false), (0, false), (0, false)], false),
            ([(0, false), (1800, false)], false), ([(0, false), (900, true), (1800, false)], false),
            ([(0, false), (0, false), (60, true), (1800, false), (1801, false), (3600, false)], true),
        ] as [([(second: Int64, isKnown: Bool)], Bool)])
    func verdict(signIns: [(second: Int64, isKnown: Bool)], changes: Bool) {
        var verdict = LoginVerdict()
        let isFirst = verdict.takes(Self.shared, insteadOf: nil, at: Timestamp(seconds: 1_800_000_000))
        #expect(isFirst)
        var taken: [Bool] = []
        for signIn in signIns {
            let name = signIn.isKnown ? Self.shared : Self.delegate
            taken.append(
                verdict.takes(name, insteadOf: Self.shared, at: Timestamp(seconds: 1_800_000_000 + signIn.second)))
        }
        #expect(taken == Array(repeating: false, count: signIns.count - 1) + [changes])
    }

    private static let denied = "550 5.7.60 SMTP; Client does not have permissions to send as this sender"

    /// A session of the delegate in which the server denies a message at its sender, or at its end.
    private func denying(_ sender: String, atEnd: Bool, asked: Bool = false) -> [String] {
        let end = (asked ? "C: RSET\nS: 250 ok\n" : "") + "C: QUIT\nS: 221 bye\n"
        let signIn = dialogs([(Self.shared, Self.refused)])
        let session = SignInDialog.submission("access-1", as: Self.delegate, reply: Self.taken)
            .replacing("C: QUIT\nS: 221 bye\n", with: "C: MAIL FROM:<\(sender)>\n")
        guard atEnd else { return signIn + [session + "S: \(Self.denied)\n\(end)"] }
        let rest = "S: 250 ok\nC: RCPT TO:$*\nS: 250 ok\nC: DATA\nS: 354 go\nC.\nS: \(Self.denied)\n\(end)"
        return signIn + [session + rest]
    }

    @Test(
        "which parks sending, and begins with the shared mailbox again, where the other one lacks the right",
        arguments: [false, true])
    func withoutRight(atEnd: Bool) async throws {
        let test = try await OpenerUnderTest.start(
            .smtp, denying(Self.shared, atEnd: atEnd) + dialogs([(Self.shared, Self.taken)]), delegate: Self.delegate)
        let submitter = try await test.openSubmitter()
        #expect(test.logins.found.value == [Self.delegate])
        let result = await submitter.submit(try Self.envelope(from: Self.shared), content: ShortContent()) { _ in }
        await submitter.close()
        guard case .deferred(let failure) = result.outcomes.first else {
            Issue.record("the message failed: \(result.outcomes)")
            return
        }
        #expect(result.parking == failure)
        #expect(failure.retry == .whenReconfigured(by: .tenantAdministrator))
        #expect(failure.place["login"] == Self.delegate)
        #expect(
            failure.reason.contains(
                "Add-RecipientPermission \(Self.shared) -Trustee \(Self.delegate) -AccessRights SendAs"))
        // The delegate's name is not what is tried first any more.
        try await test.openAndClose()
        #expect(test.logins.found.value == [Self.delegate, Self.shared])
        await test.server.stop()
    }

    @Test("and keeps a message of another sender, which holds up no other message")
    func anotherSender() async throws {
        let test = try await OpenerUnderTest.start(
            .smtp, denying("info@example.test", atEnd: false), delegate: Self.delegate)
        let submitter = try await test.openSubmitter()
        let result = await submitter.submit(
            try Self.envelope(from: "info@example.test"), content: ShortContent()
        ) { _ in }
        await submitter.close()
        guard case .deferred(let failure) = result.outcomes.first else {
            Issue.record("the message failed: \(result.outcomes)")
            return
        }
        #expect(result.parking == nil)
        #expect(failure.retry == .whenReconfigured(by: .tenantAdministrator))
        await test.server.stop()
    }

    @Test("and tells whoever asks about a sender the same")
    func askedAbout() async throws {
        let test = try await OpenerUnderTest.start(
            .smtp, denying(Self.shared, atEnd: false, asked: true), delegate: Self.delegate)
        let submitter = try await test.openSubmitter()
        let failure = await submitter.refusal(of: try #require(MailAddress(Self.shared)))
        #expect(failure?.scope == .direction)
        #expect(failure?.reason.contains("-Trustee \(Self.delegate)") == true)
        await submitter.close()
        await test.server.stop()
    }

    private static func envelope(from sender: String) throws -> SMTPEnvelope {
        let reversePath: MailAddress = try #require(MailAddress(sender))
        return try SMTPEnvelope(
            reversePath: reversePath,
            recipients: [try #require(MailAddress("somebody@example.org"))])
    }

    @Test("not when both are refused: that is one refusal, and what was known stays known")
    func both() async throws {
        let test = try await OpenerUnderTest.start(
            .smtp,
            dialogs([
                (Self.shared, Self.refused), (Self.delegate, Self.refused), (Self.shared, Self.refused),
                (Self.delegate, Self.taken), (Self.delegate, Self.refused), (Self.shared, Self.refused),
            ]), delegate: Self.delegate)
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.condition == .signInRefused)
        #expect(failure?.place["login"] == Self.shared)
        #expect(failure?.reason.contains("must have access to \(Self.shared)") == true)
        #expect(failure?.reason.hasSuffix(" Signing in as \(Self.delegate) was refused, too.") == true)
        try await test.openAndClose()
        await #expect(throws: Failure.self) { try await test.openAndClose() }
        try await test.server.finished(6)
        #expect(test.logins.found.value == [Self.delegate])
        await test.server.stop()
    }

    @Test(
        "and no other name is tried when the refusal is about something else",
        arguments: [
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
            "454 4.7.0 Too many login attempts, please try again later",
            "535 5.7.139 Authentication unsuccessful, the "
                + "request did not meet the criteria to be authenticated successfully.",
            "550 5.7.30 Basic authentication is not supported for Client Submission.",
        ])
    func otherReasons(reply: String) async throws {
        let test = try await OpenerUnderTest.start(
            .smtp, dialogs([(Self.shared, reply)]), delegate: Self.delegate)
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.condition != .signInRefused)
        #expect(test.server.records.count == 1)
        #expect(test.logins.found.value.isEmpty)
        await test.server.stop()
    }

    @Test("under names that stand in an order: what worked first; a name that is gone counts nothing")
    func order() {
        let name = ProviderName("test")!
        let signIn = SignInSettings(
            provider: name, login: Self.shared, otherLogin: Self.delegate, authorizedAs: Self.delegate)
        let refusal = Failure(
            .direction, .whenReauthorized, operation: "sign in", reason: "", condition: .signInRefused)
        for (remembered, names) in [
            (nil, [Self.shared, Self.delegate]), (Self.delegate, [Self.delegate, Self.shared]),
            ("gone@example.test", [Self.shared, Self.delegate]),
        ] as [(String?, [String])] {
            var order = LoginOrder(signIn, remembered: remembered)
            #expect(order.login == names[0])
            let goesOn = order.refused(with: refusal)
            #expect(goesOn)
            #expect(order.login == names[1])
            let goesFurther = order.refused(with: refusal)
            #expect(!goesFurther)
        }
        var single = LoginOrder(
            SignInSettings(provider: name, login: Self.shared, authorizedAs: Self.delegate), remembered: nil)
        let hasAnother = single.refused(with: refusal)
        #expect(!hasAnother)
    }
}
