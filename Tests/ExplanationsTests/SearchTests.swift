import Explanations
import Testing

@Suite("Searching explanations")
struct SearchTests {
    @Test("punctuation, case and layout do not matter")
    func layout() {
        for text in [
            "user is AUTHENTICATED but not connected", "BAD User is authenticated but  not connected.",
            "**User-is-authenticated**: but not\tconnected", "(User is authenticated) (but not connected)",
        ] { #expect(Explanations.find(text).first?.key == "IMAP User is authenticated but not connected") }
    }

    @Test("words that only look like codes explain nothing")
    func ordinaryWords() {
        for text in [
            "", " ", "…", "the limit cannot be unavailable", "expired", "it failed", "535", "error", "10.5.7.3", "0",
            "a server error", "[", "postbote[50076]: started", "listening on port 7000222",
        ] { #expect(!Explanations.find(text).contains { $0.key.hasPrefix("AADSTS") }, "\(text)") }
        #expect(Explanations.find("the limit cannot be unavailable").isEmpty)
        #expect(Explanations.find("message 5.7.30.1 waits").isEmpty)
    }

    @Test("part of a key is enough where it is in few keys")
    func parts() {
        #expect(Explanations.find("5.7.3").map(\.key) == ["SMTP 535 5.7.3"])
        #expect(Explanations.find("5.7.139").map(\.key) == ["SMTP 5.7.139"])
        #expect(Explanations.find("CONTACTADMIN").map(\.key) == ["IMAP [CONTACTADMIN]"])
        #expect(Explanations.find("535").count > 1)
    }

    @Test("a state is explained when it is asked for alone")
    func states() {
        for state in [
            "needs_admin", "needs_authorization", "misconfigured", "waiting", "throttled", "paused", "disabled",
            "in_doubt", "held", "failed",
        ] { #expect(Explanations.find(state).map(\.key) == ["State \(state)"]) }
        #expect(Explanations.find("new=waiting old=ok").isEmpty)
    }

    @Test("each line of several is explained once, a few at most")
    func lines() {
        let text = (["AADSTS50076", "nothing", "535 5.7.3 x", "AADSTS50076"] + (0..<9).map { "AADSTS9000\($0)" })
            .joined(separator: "\n")
        let keys = Explanations.find(text).map(\.key)
        #expect(keys.prefix(2) == ["AADSTS50076", "SMTP 535 5.7.3"])
        #expect(keys.count <= 5 && Set(keys).count == keys.count)
    }

    @Test("a text of any size is searched only so far")
    func size() {
        let long = String(repeating: "x ", count: 1 << 20) + "AADSTS50076"
        #expect(Explanations.find(long).isEmpty)
    }

    @Test(
        "what is not known has neighbours",
        arguments: [
            ("AADSTS7000999", "AADSTS7000112"), ("70001234", "AADSTS70001"),
            ("SmtpClientAuthentication is strange today", "SMTP SmtpClientAuthentication is disabled"),
        ])
    func neighbours(text: String, near: String) {
        #expect(Explanations.nearest(to: text).contains { $0.hasPrefix(near) }, "\(Explanations.nearest(to: text))")
        #expect(Explanations.nearest(to: text).count <= 5)
    }

    @Test("what shares a word by chance is no neighbour")
    func strangers() {
        for text in ["account=support changed its state for some reason or other", "Es geht nicht", ""] {
            #expect(Explanations.nearest(to: text).isEmpty, "\(Explanations.nearest(to: text))")
        }
    }

    @Test("a failure is explained by its server's words, else by Postbote's own, else by the state it leads to")
    func failures() {
        let known = Explanations.of(serverLine: "550 5.1.8 Bad outbound sender", reason: "x", state: "needs_admin")
        #expect(known?.key == "SMTP bad outbound sender")
        let own = Explanations.of(
            serverLine: nil,
            reason: "The certificate of mail.contoso.de:993 has expired. Its server must get a new one.",
            state: "waiting")
        #expect(own?.key == "Postbote The certificate of … has expired")
        let unknown = Explanations.of(serverLine: "NO Ach je", reason: "It was refused.", state: "needs_admin")
        #expect(unknown?.key == "State needs_admin")
    }

    @Test("names that are known stand in commands, others as words in upper case")
    func facts() {
        var facts = ExplanationFacts()
        facts[.account] = "support"
        facts[.address] = "support@contoso.de"
        let entry = Explanations.find("SmtpClientAuthentication is disabled for the Mailbox").first
        let filled = entry?.filled(with: facts)
        #expect(filled?.toDo.contains("`Set-CASMailbox -Identity support@contoso.de -Smtp") == true)
        #expect(filled?.howToSee.contains("`postbote status support`") == true)
        #expect(entry?.filled(with: ExplanationFacts()).toDo.contains("-Identity ADDRESS ") == true)
    }
}
