import MailModel
import Testing

@testable import Daemon

@Suite("DoctorPlan") struct DoctorPlanTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        var account: Account
        var provider = DoctorPlanTests.generic
        var sendTo: String?
        /// `step subject < needs`, with `- reason` where it is skipped.
        let steps: [String]
        var testDescription: String { name }
    }

    static let generic = provider(.generic)

    private static func provider(
        _ preset: Provider.Preset, grant: Provider.Grant = .authorizationCode
    ) -> Provider {
        var provider = Provider(name: ProviderName("test")!, preset: preset)
        provider.grant = grant
        provider.filesSent = preset != .generic
        return provider
    }

    private static func signIn(_ authorizedAs: String = "anna@x.test") -> SignInSettings {
        SignInSettings(provider: ProviderName("test")!, login: "anna@x.test", authorizedAs: authorizedAs)
    }

    private static func account(
        receive: ((inout ReceiveSettings) -> Void)? = { _ in }, send: ((inout SendSettings) -> Void)? = nil
    ) -> Account {
        var account = Account(name: AccountName("anna")!, address: "anna@x.test")
        if let receive {
            var settings = ReceiveSettings(
                signIn: signIn(), endpoint: Endpoint(host: "imap.x.test", port: 993, tls: .implicit),
                deliverTo: [DestinationName("maildir")!])
            receive(&settings)
            account.receive = settings
        }
        if let send {
            var settings = SendSettings(
                signIn: signIn(), endpoint: Endpoint(host: "smtp.x.test", port: 587, tls: .starttls),
                from: ["anna@x.test"])
            send(&settings)
            account.send = settings
        }
        return account
    }

    private static let way = ["dns imap", "tcp imap < dns imap", "tls imap < tcp imap"]
    private static let inside = ["mailbox_sign_in < tls imap, token receive", "folders < mailbox_sign_in"]
    private static let receiving =
        ["configuration", "destination maildir"] + way + ["token receive", "identity receive < token receive"]
        + inside
    private static let out = ["dns smtp", "tcp smtp < dns smtp", "tls smtp < tcp smtp"]
    private static let noMail = "test_mail - no mail is sent without --send-to ADDRESS"

    private static let cases: [Case] = [
        Case(name: "receives only", account: account(), steps: receiving),
        Case(
            name: "sends only", account: account(receive: nil, send: { _ in }),
            steps: ["configuration"] + out + [
                "token send", "identity send < token send", "submission_sign_in < tls smtp, token send",
                "sender anna@x.test < submission_sign_in", noMail,
            ]),
        Case(
            name: "one consent for both", account: account(send: { _ in }),
            steps: ["configuration", "destination maildir"] + way + out + [
                "token receive", "identity receive < token receive",
            ] + inside + [
                "submission_sign_in < tls smtp, token receive", "sender anna@x.test < submission_sign_in", noMail,
            ]),
        Case(
            name: "another person's consent for sending, whole domains",
            account: account(send: {
                $0.signIn.authorizedAs = "bob@x.test"
                $0.from = ["@x.test", "info@x.test", "shop@x.test"]
            }), sendTo: "Anna@X.test",
            steps: ["configuration", "destination maildir"] + way + out + [
                "token receive", "identity receive < token receive", "token send", "identity send < token send",
            ] + inside + [
                "submission_sign_in < tls smtp, token send", "sender info@x.test < submission_sign_in",
                "sender shop@x.test < submission_sign_in", "test_mail < submission_sign_in, sender info@x.test",
                "test_mail_received < test_mail, mailbox_sign_in",
                "test_mail_filed < test_mail, mailbox_sign_in - this provider does not file sent mail by itself",
            ]),
        Case(
            name: "several destinations, each once",
            account: account(receive: { settings in
                let script = DestinationName("script")!
                settings.folders = [
                    FolderSettings(selector: .role(.inbox)),
                    FolderSettings(selector: .name("a"), deliverTo: [script]),
                    FolderSettings(selector: .name("b"), deliverTo: [script]),
                ]
            }), steps: [receiving[0], receiving[1], "destination script"] + receiving[2...]),
        Case(
            name: "Exchange, with a test mail to somebody else", account: account(send: { _ in }),
            provider: provider(.microsoft365), sendTo: "else@y.test",
            steps: ["configuration", "destination maildir"] + way + out + [
                "token receive", "identity receive < token receive",
            ] + inside + [
                "exchange_settings", "submission_sign_in < tls smtp, token receive",
                "sender anna@x.test < submission_sign_in",
                "test_mail < submission_sign_in, sender anna@x.test",
                "test_mail_received < test_mail, mailbox_sign_in - else@y.test is not this account's mailbox",
                "test_mail_filed < test_mail, mailbox_sign_in",
            ]),
        Case(
            name: "a password, POP3 in clear on loopback",
            account: account(receive: {
                $0.mailProtocol = .pop3
                $0.endpoint = Endpoint(host: "localhost", port: 110, tls: .none)
            }), provider: provider(.generic, grant: .password),
            steps: [
                "configuration", "destination maildir", "dns pop3", "tcp pop3 < dns pop3", "token receive",
                "mailbox_sign_in < tcp pop3, token receive", "folders < mailbox_sign_in",
            ]),
        Case(
            name: "a disabled direction", account: account(receive: { $0.enabled = false }), steps: ["configuration"]),
    ]

    @Test("names what applies to an account, in order, with what it needs", arguments: cases)
    func plan(of test: Case) {
        let plan = DoctorPlan(
            test.account, providers: [test.provider.name: test.provider],
            sendTo: test.sendTo.flatMap { MailAddress($0) })
        let steps = plan.entries.map { entry in
            let needs = entry.needs.map(\.title).joined(separator: ", ")
            return entry.step.title + (needs.isEmpty ? "" : " < \(needs)") + (entry.skipped.map { " - \($0)" } ?? "")
        }
        #expect(steps == test.steps)
        // Nothing needs what comes later.
        for (index, entry) in plan.entries.enumerated() {
            #expect(entry.needs.allSatisfy { need in plan.entries[..<index].contains { $0.step == need } })
        }
    }

    @Test("does not try what needs something that failed or was skipped; a warning keeps nothing back")
    func missing() {
        let entry = DoctorPlan.Entry(step: .mailboxSignIn, needs: [.tls(.imap), .token(.receive)])
        let fine = DoctorFinding.ok("")
        #expect(DoctorPlan.missing(entry, [.tls(.imap): fine, .token(.receive): fine]).isEmpty)
        #expect(
            DoctorPlan.missing(entry, [.tls(.imap): .warning("", next: ""), .token(.receive): .failed("", next: "")])
                == [.token(.receive)])
        #expect(DoctorPlan.missing(entry, [.tls(.imap): .skipped("")]) == [.tls(.imap), .token(.receive)])
    }
}
