import Authorization
import Diagnostics
import MailModel
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

    @Test("as the other one when the first stops working, from then on")
    func changes() async throws {
        let test = try await OpenerUnderTest.start(
            .smtp,
            dialogs([
                (Self.shared, Self.taken), (Self.shared, Self.refused), (Self.delegate, Self.taken),
                (Self.delegate, Self.refused), (Self.shared, Self.taken), (Self.shared, Self.taken),
            ]), delegate: Self.delegate)
        for _ in 0..<4 { try await test.openAndClose() }
        try await test.server.finished(6)
        #expect(test.logins.found.value == [Self.shared, Self.delegate, Self.shared])
        await test.server.stop()
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
