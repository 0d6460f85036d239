import TestSupport
import Testing

/// A real browser with a person before it, the whole service, and a provider with pages of its own. Pictures of what they
/// see are in .build/pictures.
@Suite("The owner of a mailbox signs in with a link") struct SelfServicePageTests {
    private static let anna = "button[value=\"\(ServiceUnderTest.user)\"]"
    private static let bert = "button[value=\"bert@example.test\"]"

    private static func picture(_ name: String) -> String {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
        try? Directory.create(root + "/.build/pictures")
        return "\(root)/.build/pictures/\(name).png"
    }

    /// At the provider: chooses who they are, and decides.
    ///
    /// None of its pages has a `main`, by which ours are waited for afterwards.
    private func signIn(_ browser: Browser, as person: String, _ decision: String = "#accept") async throws {
        try await browser.click(person)
        try await browser.click(decision)
    }

    @Test("and sees each step of the check succeed; the link is good once")
    func rightPerson() async throws {
        let test = try await SelfServiceUnderTest.start()
        test.service.authorization.showForms(to: [ServiceUnderTest.user, "bert@example.test"])
        let daemon = try await test.service.serve()
        let link = try await test.link()
        let browser = try await Browser.start()
        try await browser.open(link)
        #expect(try await browser.text("dd strong") == ServiceUnderTest.user)
        #expect(try await browser.text("main button") == "Continue to 127.0.0.1")
        try await browser.photograph(into: Self.picture("link"))
        try await browser.click("main button")
        try await signIn(browser, as: Self.anna)
        // A provider would bring the mail there.
        let sent = try #require(try await test.submission.transactions(atLeast: 1).first)
        try await browser.photograph(into: Self.picture("checking"))
        try test.service.dovecot.deliver(sent.bytes, to: ServiceUnderTest.user)
        for part in ["sign_in", "mailbox", "folders", "sending", "test_mail"] {
            _ = try await browser.text(".steps .ok[data-part=\"\(part)\"]")
        }
        _ = try await browser.text("main:not([data-live])")
        #expect(try await browser.text("[role=status]") == "Everything works. You can close this page.")
        #expect(
            try await browser.address().hasPrefix("\(test.origin)/authorize/result/"), "no code stays in the address")
        try await browser.photograph(into: Self.picture("works"))
        let source = Array(try await browser.source().utf8)
        #expect(test.service.authorization.secrets.allSatisfy { $0.forms(in: source).isEmpty })
        let complaints = try await browser.complaints().filter { !$0.contains("favicon") }
        #expect(complaints == [], "nothing that the pages' policy forbids")
        #expect(try await test.service.run("token", "anna").status == .exited(0))
        // Anybody who finds the link later finds nothing.
        try await browser.open(link)
        #expect(try await browser.text("main h1") == "This is done already")
        try await browser.photograph(into: Self.picture("used"))
        await browser.stop()
        // Neither the link nor what came back is in the journal.
        let token = try #require(link.split(separator: "/").last)
        for name in ["link_created", "link_used"] { try await daemon.errors.line(containing: "EVENT=\(name)") }
        #expect(await test.stop(daemon) == .exited(0))
        #expect(!daemon.errors.text.contains(token))
    }

    @Test("and sees what does not work yet, with the next step for the administrator")
    func notAll() async throws {
        let test = try await SelfServiceUnderTest.start { event in
            event.verb == "AUTH"
                ? .reply(
                    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.")
                : nil
        }
        test.service.authorization.showForms(to: [ServiceUnderTest.user])
        let daemon = try await test.service.serve()
        var options = Browser.Options()
        options.languages = "de"
        let browser = try await Browser.start(options)
        try await browser.open(try await test.link())
        try await browser.click("main button")
        try await signIn(browser, as: Self.anna)
        _ = try await browser.text("main:not([data-live])")
        let states = ["sign_in": "ok", "mailbox": "ok", "folders": "ok", "sending": "failed", "test_mail": "skipped"]
        for (part, state) in states {
            #expect(try await browser.attribute("class", of: "[data-part=\"\(part)\"]") == state, "\(part)")
        }
        #expect(try await browser.text("[role=status]").hasPrefix("Ihre Anmeldung ist gespeichert, aber"))
        try await browser.click("summary")
        #expect(try await browser.text("details p").contains("5.7.139"))
        try await browser.photograph(into: Self.picture("does-not-work"))
        #expect(try await test.service.run("token", "anna").status == .exited(0))
        await browser.stop()
        #expect(await test.stop(daemon) == .exited(0))
    }

    @Test("unless somebody else did, or declined, or the organisation has to allow it first: then nothing is stored")
    func refused() async throws {
        let test = try await SelfServiceUnderTest.start()
        test.service.authorization.showForms(to: [ServiceUnderTest.user, "bert@example.test"])
        let daemon = try await test.service.serve()
        let link = try await test.link()
        var options = Browser.Options()
        options.languages = "de-DE,de,en"
        (options.width, options.height) = (500, 950)
        let browser = try await Browser.start(options)
        try await browser.darken()
        try await browser.open(link)
        #expect(try await browser.attribute("lang", of: "html") == "de")
        try await browser.photograph(into: Self.picture("link-german-dark-phone"))
        try await browser.click("main button")
        try await signIn(browser, as: Self.bert)
        #expect(try await browser.text("main h1") == "Jemand anderes ist angemeldet")
        let words = try await browser.text("main")
        #expect(words.contains(ServiceUnderTest.user) && words.contains("bert@example.test"))
        try await browser.photograph(into: Self.picture("wrong-person"))
        try await browser.click(".button")
        try await browser.click("main button")
        try await signIn(browser, as: Self.anna, "#cancel")
        #expect(try await browser.text("main h1") == "Sie sind nicht angemeldet")
        #expect(try await browser.text("main").contains("stimmen Sie dort zu"))
        try await browser.photograph(into: Self.picture("declined"))
        test.service.authorization.answerNext(
            .refuse(EntraError(90094, "access_denied", "Admin consent is required.")), at: .authorize)
        try await browser.click(".button")
        try await browser.click("main button")
        try await browser.click("summary")
        #expect(try await browser.text("main").contains("Die Administration Ihrer Organisation"))
        #expect(try await browser.text("details p").hasPrefix("AADSTS90094: "))
        try await browser.photograph(into: Self.picture("needs-approval"))
        #expect(try await test.service.run("token", "anna").status == .exited(1))
        #expect(try await test.service.run("token", "bert").status == .exited(1))
        // The link is as good as before.
        try await browser.open(link)
        #expect(try await browser.text("main button") == "Weiter zu 127.0.0.1")
        try Tampering.run("UPDATE sign_in_links SET expires = created + 1", in: test.service.state)
        try await browser.open(link)
        #expect(try await browser.text("main h1") == "Dieser Link ist abgelaufen")
        try await browser.photograph(into: Self.picture("expired"))
        await browser.stop()
        #expect(await test.stop(daemon) == .exited(0))
    }

    @Test("in two tabs without any script: the first to finish counts, and the other says so")
    func twoTabs() async throws {
        let test = try await SelfServiceUnderTest.start()
        test.service.authorization.showForms(to: [ServiceUnderTest.user, "bert@example.test"])
        let daemon = try await test.service.serve()
        let link = try await test.link("bert")
        var options = Browser.Options()
        options.runsScripts = false
        let browser = try await Browser.start(options)
        try await browser.open(link)
        try await browser.click("main button")
        try await browser.openTab()
        try await browser.open(link)
        try await browser.click("main button")
        try await signIn(browser, as: Self.bert)
        // The page is loaded again by itself until nothing will change.
        _ = try await browser.text("main:not([data-live]) .ok[data-part=\"folders\"]")
        #expect(try await browser.text("[role=status]") == "Everything works. You can close this page.")
        try await browser.turnToTab(0)
        try await signIn(browser, as: Self.bert)
        #expect(try await browser.text("main h1") == "This is done already")
        #expect(try await test.service.run("token", "bert").status == .exited(0))
        await browser.stop()
        #expect(await test.stop(daemon) == .exited(0))
    }
}
