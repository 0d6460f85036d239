import Authorization
import Diagnostics
import MailModel
import Sessions
import Store
import TestSupport
import Testing
import Transport

@Suite("A session is opened") struct SessionOpenerTests {
    @Test(
        "with the token at hand, and with XOAUTH2 where the server does not take OAUTHBEARER after all",
        arguments: SignInDialog.allCases, [false, true])
    func accepted(_ dialog: SignInDialog, needsOtherMechanism: Bool) async throws {
        let script = needsOtherMechanism ? dialog.acceptingWithXOAUTH2("access-1") : dialog.accepting("access-1")
        let test = try await OpenerUnderTest.start(dialog, [script])
        try await test.openAndClose()
        try await test.server.finished(1)
        #expect(test.tokens.value == 1)
        await test.server.stop()
    }

    @Test(
        "with a fresh token after a refusal of one that was at hand for a while, also where the first command refuses it",
        arguments: SignInDialog.allCases.map { ($0, $0.refusing("access-1")) }
            + [(.imap, SignInDialog.acceptingWithoutMailbox("access-1"))])
    func freshToken(_ dialog: SignInDialog, refusal: String) async throws {
        let test = try await OpenerUnderTest.start(dialog, [refusal, dialog.accepting("access-2")])
        _ = try await test.keeper.credential(for: test.signIn)
        test.clock.advance(by: .seconds(600))
        try await test.openAndClose()
        try await test.server.finished(2)
        #expect(test.tokens.value == 2)
        await test.server.stop()
    }

    @Test("not while no mailbox is behind a fresh token: that counts as a refused sign-in, and says what to check")
    func noMailbox() async throws {
        let test = try await OpenerUnderTest.start(.imap, [SignInDialog.acceptingWithoutMailbox("access-1")])
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.condition == .signInRefused)
        #expect(failure?.reason.contains("has full access to the mailbox") == true)
        #expect(test.server.records.count == 1)
        await test.server.stop()
    }

    @Test("not by a server whose replies take too long together", arguments: SignInDialog.allCases)
    func impatient(_ dialog: SignInDialog) async throws {
        var timeouts = SessionTimeouts()
        timeouts.signIn = .zero
        let test = try await OpenerUnderTest.start(dialog, [dialog.hangingUp("access-1")], timeouts: timeouts)
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.retry == .later(after: nil))
        #expect(failure?.reason.hasPrefix("The server answers, but has not let us in within 0 s.") == true)
        await test.server.stop()
    }

    @Test("not at all when a fresh token is refused too: then the refusal counts", arguments: SignInDialog.allCases)
    func freshTokenRefused(_ dialog: SignInDialog) async throws {
        let test = try await OpenerUnderTest.start(
            dialog, [dialog.refusing("access-1"), dialog.refusing("access-2")])
        _ = try await test.keeper.credential(for: test.signIn)
        test.clock.advance(by: .seconds(600))
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.condition == .signInRefused)
        #expect(failure?.retry == .whenReauthorized)
        #expect(failure?.place["login"] == OpenerUnderTest.address)
        #expect(failure?.place["host"] == "localhost:\(test.server.port)")
        #expect(failure?.serverLine != nil)
        #expect(test.server.records.count == 2, "not a third time")
        #expect(test.tokens.value == 2)
        await test.server.stop()
    }

    @Test("not a second time when the token that was refused is fresh itself", arguments: SignInDialog.allCases)
    func tokenIsFresh(_ dialog: SignInDialog) async throws {
        let test = try await OpenerUnderTest.start(dialog, [dialog.refusing("access-1")])
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.condition == .signInRefused)
        #expect(test.server.records.count == 1)
        #expect(test.tokens.value == 1)
        await test.server.stop()
    }

    @Test("not a second time with a password, which stays the same", arguments: SignInDialog.allCases)
    func password(_ dialog: SignInDialog) async throws {
        let test = try await OpenerUnderTest.start(dialog, [dialog.refusingPassword], grant: .password)
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.condition == .signInRefused)
        #expect(test.server.records.count == 1)
        #expect(test.tokens.value == 0)
        await test.server.stop()
    }

    @Test("not a second time when something else went wrong", arguments: SignInDialog.allCases)
    func otherTrouble(_ dialog: SignInDialog) async throws {
        let test = try await OpenerUnderTest.start(dialog, [dialog.hangingUp("access-1")])
        _ = try await test.keeper.credential(for: test.signIn)
        test.clock.advance(by: .seconds(600))
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.condition != .signInRefused)
        #expect(failure?.retry == .later(after: nil))
        #expect(test.server.records.count == 1)
        #expect(test.tokens.value == 1)
        await test.server.stop()
    }

    @Test("only once there is a token: without one the server is not bothered", arguments: SignInDialog.allCases)
    func withoutConsent(_ dialog: SignInDialog) async throws {
        let test = try await OpenerUnderTest.start(dialog, [dialog.accepting("none")], isConsented: false)
        let failure = await #expect(throws: Failure.self) { try await test.openAndClose() }
        #expect(failure?.retry == .whenReauthorized)
        #expect(failure?.condition == nil)
        #expect(test.server.records.isEmpty)
        await test.server.stop()
    }
}
