import Diagnostics
import MailModel
import Testing

@testable import MailProtocol

/// A dialog as a list of lines: `C:` what must be sent (a secret in its shown form), `S:` what the server answers.
@Suite("Signing in to IMAP")
struct IMAPSignInTests {
    struct Dialog: Sendable, CustomTestStringConvertible {
        var name: String
        var kind = SASLCredential.Kind.bearer
        var greeting = "* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 AUTH=PLAIN SASL-IR] ready"
        var isProtected = true
        var lines: [String]
        var outcome: Outcome

        var testDescription: String { name }
    }

    enum Outcome: Sendable, Equatable {
        case signedIn(String)
        case failed(Failure.Retry, Failure.Condition?)
    }

    static let initial = "C: pb1 AUTHENTICATE XOAUTH2 <secret>"
    static let refusal = Outcome.failed(.whenReauthorized, .signInRefused)

    static let dialogs: [Dialog] = [
        Dialog(
            name: "with an initial response, capabilities in the reply",
            lines: [initial, "S: pb1 OK [CAPABILITY IMAP4rev1 MOVE] done"], outcome: .signedIn("IMAP4REV1 MOVE")),
        Dialog(
            name: "with capabilities before the reply",
            lines: [initial, "S: * CAPABILITY IMAP4rev1 IDLE", "S: pb1 OK done"], outcome: .signedIn("IDLE IMAP4REV1")
        ),
        Dialog(
            name: "asking for capabilities afterwards",
            lines: [
                initial, "S: pb1 OK AUTHENTICATE completed.", "C: pb2 CAPABILITY",
                "S: * CAPABILITY IMAP4rev1 UIDPLUS",
                "S: pb2 OK x",
            ], outcome: .signedIn("IMAP4REV1 UIDPLUS")),
        Dialog(
            name: "to a server that does not tell again",
            greeting: "* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR] x",
            lines: [initial, "S: pb1 OK x", "C: pb2 CAPABILITY", "S: pb2 BAD no"],
            outcome: .signedIn("AUTH=XOAUTH2 IMAP4REV1 SASL-IR")),
        Dialog(
            name: "asking for capabilities first", greeting: "* OK hi",
            lines: [
                "C: pb1 CAPABILITY", "S: * CAPABILITY IMAP4rev1 AUTH=XOAUTH2", "S: pb1 OK x",
                "C: pb2 AUTHENTICATE XOAUTH2", "S: + ", "C: <secret>", "S: pb2 OK [CAPABILITY A] x",
            ], outcome: .signedIn("A")),
        Dialog(
            name: "OAUTHBEARER is preferred", greeting: "* OK [CAPABILITY AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR] x",
            lines: ["C: pb1 AUTHENTICATE OAUTHBEARER <secret>", "S: pb1 OK [CAPABILITY A] x"], outcome: .signedIn("A")
        ),
        Dialog(
            name: "XOAUTH2 follows where OAUTHBEARER itself is refused",
            greeting: "* OK [CAPABILITY AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR] x",
            lines: [
                "C: pb1 AUTHENTICATE OAUTHBEARER <secret>", "S: pb1 BAD host mismatch",
                "C: pb2 AUTHENTICATE XOAUTH2 <secret>", "S: pb2 OK [CAPABILITY A] x",
            ], outcome: .signedIn("A")),
        Dialog(
            name: "XOAUTH2 does not follow where the token is refused",
            greeting: "* OK [CAPABILITY AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR] x",
            lines: [
                "C: pb1 AUTHENTICATE OAUTHBEARER <secret>", "S: + eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=",
                "C: <secret>",
                "S: pb1 NO x",
            ], outcome: refusal),
        Dialog(
            name: "refused after an error challenge",
            lines: [
                initial, "S: + \(SASLExchangeTests.googleError)", "C: <secret>",
                "S: pb1 NO SASL authentication failed",
            ], outcome: refusal),
        Dialog(name: "refused at once", lines: [initial, "S: pb1 NO AUTHENTICATE failed."], outcome: refusal),
        Dialog(
            name: "refused for too many connections",
            lines: [initial, "S: pb1 NO [ALERT] Too many simultaneous connections. (Failure)"],
            outcome: .failed(.later(after: .seconds(300)), .throttled)),
        Dialog(
            name: "BYE instead of a reply",
            lines: [initial, "S: * BYE Connection closed. 14"], outcome: .failed(.later(after: nil), nil)),
        Dialog(
            name: "a server that is not available, in no IMAP at all",
            lines: [initial, "S: Server Unavailable. 15"], outcome: .failed(.later(after: nil), nil)),
        Dialog(
            name: "a line that means nothing is passed over",
            lines: [initial, "S: A001 OK CAPABILITY completed", "S: pb1 OK [CAPABILITY A] x"], outcome: .signedIn("A")
        ),
        Dialog(
            name: "a password with PLAIN", kind: .password,
            lines: ["C: pb1 AUTHENTICATE PLAIN <secret>", "S: pb1 OK [CAPABILITY A] x"], outcome: .signedIn("A")),
        Dialog(
            name: "a challenge too many is cancelled", kind: .password,
            lines: ["C: pb1 AUTHENTICATE PLAIN <secret>", "S: + eA==", "C: *", "S: pb1 BAD cancelled"],
            outcome: .failed(.later(after: nil), nil)),
        Dialog(
            name: "a password with SASL LOGIN", kind: .password, greeting: "* OK [CAPABILITY AUTH=LOGIN SASL-IR] x",
            lines: [
                "C: pb1 AUTHENTICATE LOGIN", "S: + VXNlcm5hbWU6", "C: <secret>", "S: + UGFzc3dvcmQ6", "C: <secret>",
                "S: pb1 OK [CAPABILITY A] x",
            ], outcome: .signedIn("A")),
        Dialog(
            name: "a password with the LOGIN command where that is all there is", kind: .password,
            greeting: "* OK [CAPABILITY IMAP4rev1] x",
            lines: ["C: pb1 LOGIN \"anna\" <secret>", "S: pb1 OK [CAPABILITY A] x"], outcome: .signedIn("A")),
        Dialog(
            name: "no password where LOGIN is disabled", kind: .password,
            greeting: "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] x", lines: [],
            outcome: .failed(.whenReconfigured(by: .operatorOfPostbote), nil)),
        Dialog(
            name: "no token as a password", greeting: "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN] x",
            lines: [],
            outcome: .failed(.whenReconfigured(by: .operatorOfPostbote), nil)),
        Dialog(
            name: "nothing in clear", isProtected: false, lines: [],
            outcome: .failed(.whenReconfigured(by: .operatorOfPostbote), nil)),
        Dialog(
            name: "no password in clear, by no command", kind: .password, greeting: "* OK [CAPABILITY IMAP4rev1] x",
            isProtected: false, lines: [], outcome: .failed(.whenReconfigured(by: .operatorOfPostbote), nil)),
        Dialog(
            name: "somebody else is signed in already", greeting: "* PREAUTH [CAPABILITY IMAP4rev1] x", lines: [],
            outcome: .failed(.whenReconfigured(by: .operatorOfPostbote), nil)),
        Dialog(
            name: "a reply to another command", lines: [initial, "S: pb9 OK x"],
            outcome: .failed(.later(after: nil), nil)),
    ]

    static func machine(_ dialog: Dialog, token: String = "t0ken") throws -> IMAPSignIn {
        let credential = SASLCredential(kind: dialog.kind, user: "anna", secret: Secret(token))
        return IMAPSignIn(
            credential, greeting: try IMAPGreeting(lines: Array(dialog.greeting.utf8)), host: "mail.contoso.de",
            port: 993,
            isProtected: dialog.isProtected)
    }

    @Test("A dialog", arguments: dialogs)
    func dialog(dialog: Dialog) throws {
        var machine = try Self.machine(dialog)
        var actions = machine.start()
        for line in dialog.lines {
            let text = String(line.dropFirst(3))
            if line.hasPrefix("C:") {
                guard case .send(let sent)? = actions.first else {
                    Issue.record("\(text) was not sent, but \(actions)")
                    return
                }
                #expect(sent.description == text)
                actions.removeFirst()
            } else {
                #expect(actions.isEmpty)
                for event in try transcript(text + "\r\n") { actions += machine.receive(event) }
            }
        }
        #expect(actions.count == 1)
        #expect(actions.first.flatMap(Self.outcome) == dialog.outcome)
        #expect(machine.receive(.continuation([])).isEmpty)
        #expect(machine.receive(.tagged(IMAPTag(1), IMAPReply(.ok, text: ""))).isEmpty)
        #expect(machine.start().isEmpty)
    }

    static func outcome(_ action: IMAPSignIn.Action) -> Outcome? {
        switch action {
        case .send: nil
        case .signedIn(let capabilities): .signedIn(capabilities.description)
        case .failed(let failure): .failed(failure.retry, failure.condition)
        }
    }

    @Test("The server's own reason is kept for the operator")
    func serverError() throws {
        var machine = try Self.machine(Self.dialogs[0])
        _ = machine.start()
        _ = machine.receive(.continuation(Array(SASLExchangeTests.googleError.utf8)))
        let actions = machine.receive(.tagged(IMAPTag(1), IMAPReply(.no, text: "failed")))
        #expect(machine.serverError?.status == "401")
        guard case .failed(let failure)? = actions.first else {
            Issue.record("not failed")
            return
        }
        #expect(failure.place["sasl_error"]?.contains("https://mail.google.com/") == true)
        #expect(failure.serverLine == "NO failed")
    }

    @Test("A token too long for the line goes in a second step")
    func longToken() throws {
        var machine = try Self.machine(Self.dialogs[0], token: String(repeating: "x", count: 7_000))
        #expect(machine.start() == [.send(ClientLine("pb1 AUTHENTICATE XOAUTH2"))])
        let actions = machine.receive(.continuation([]))
        guard case .send(let line)? = actions.first else {
            Issue.record("nothing sent")
            return
        }
        #expect(line.count > 9_000)
    }

    @Test("A password that must be a literal waits for its continuation")
    func literalPassword() throws {
        let dialog = Dialog(
            name: "", kind: .password, greeting: "* OK [CAPABILITY IMAP4rev1] x", lines: [], outcome: Self.refusal)
        var machine = try Self.machine(dialog, token: "pässword")
        #expect(machine.start().map(String.init(describing:)) == ["send(pb1 LOGIN \"anna\" {9})"])
        let actions = machine.receive(.continuation([]))
        #expect(actions == [.send(ClientLine(secret: Secret("pässword\r\n"), shown: "<secret>"))])
        #expect(machine.nextTag == IMAPTag(2))
    }

    @Test("A password with a line end in it is never sent", arguments: ["a\r\nb", "a\u{0}b"])
    func badPassword(password: String) throws {
        let dialog = Dialog(
            name: "", kind: .password, greeting: "* OK [CAPABILITY IMAP4rev1] x", lines: [], outcome: Self.refusal)
        var machine = try Self.machine(dialog, token: password)
        #expect(
            machine.start().compactMap(Self.outcome) == [.failed(.whenReconfigured(by: .operatorOfPostbote), nil)])
    }
}

@Suite("IMAP greeting")
struct IMAPGreetingTests {
    @Test("The last capabilities count: those before STARTTLS were anybody's")
    func afterStartTLS() throws {
        let lines = """
            * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] Dovecot ready.\r
            A001 OK Begin TLS\r
            * CAPABILITY IMAP4rev1 AUTH=XOAUTH2\r
            A002 OK done
            """
        let greeting = try IMAPGreeting(lines: Array(lines.utf8))
        #expect(greeting.capabilities?.description == "AUTH=XOAUTH2 IMAP4REV1")
        #expect(greeting.reply.text == "Dovecot ready.")
    }

    @Test(
        "BYE as a greeting is a failure, and so is none",
        arguments: ["* BYE Too many connections", "220 smtp ready", ""])
    func noGreeting(lines: String) {
        #expect(throws: Failure.self) { try IMAPGreeting(lines: Array(lines.utf8)) }
    }

    @Test(
        "Whose server it is",
        arguments: [
            ("* OK The Microsoft Exchange IMAP4 service is ready. [TABZADEA]", "IMAP4rev1", IMAPServerKind.exchange),
            ("* OK Microsoft Exchange IMAP4 service ready. (tcpproxy/15.21)", "IMAP4rev1", .exchange),
            ("* OK hi", "IMAP4rev1 BACKENDAUTHENTICATE-IR", .exchange), ("* OK hi", "X-GM-EXT-1", .gmail),
            ("* OK Gimap ready for requests from 192.0.2.1", "IMAP4rev1", .gmail),
            ("* OK Dovecot ready.", "IMAP4rev1", .other),
        ])
    func kind(line: String, capabilities: String, kind: IMAPServerKind) throws {
        let greeting = try IMAPGreeting(lines: Array("\(line)\r\n* CAPABILITY \(capabilities)\r\n".utf8))
        #expect(greeting.serverKind == kind)
    }
}
