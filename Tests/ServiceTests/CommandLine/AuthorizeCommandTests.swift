import ControlSupport
import Operations
import TestSupport
import Testing

@Suite("authorize")
struct AuthorizeCommandTests {
    @Test("prints page and code, and waits until the owner has signed in")
    func device() async throws {
        var script = FakePlane.Script()
        script.signIn = [.waiting, .waiting, .done]
        let (finished, _) = try await postbote("authorize", "support", "--device", script: script)
        #expect(finished.code == 0)
        #expect(finished.text.contains("https://login.example/device"))
        #expect(finished.text.contains("ABCD-EFGH"))
        #expect(finished.text.hasSuffix("support is signed in as anna@contoso.de\n"))
    }

    @Test("warns on standard error of a consent that will not last")
    func warning() async throws {
        var script = FakePlane.Script()
        script.signIn = [.done]
        script.signInWarning = "no refresh token: add offline_access"
        let (finished, _) = try await postbote("authorize", "support", "--device", script: script)
        #expect(finished.code == 0)
        #expect(finished.text.hasSuffix("support is signed in as anna@contoso.de\n"))
        #expect(finished.errors == "postbote: warning: no refresh token: add offline_access\n")
    }

    @Test(
        "of an app prints what must be done for it, whatever came of the token; of a person's account how they sign in"
    )
    func application() async throws {
        var script = FakePlane.Script()
        script.accounts = [.support, .broken]
        let (app, _) = try await postbote("authorize", "broken", script: script)
        #expect(app.code == 1)
        #expect(
            app.text == """
                What the app needs, once:
                1. Consent
                   https://login.example/adminconsent?client_id=x

                """)
        #expect(app.errors.contains("the refresh token has expired"))
        let (person, _) = try await postbote("authorize", "support", script: script)
        #expect(person.code == 64)
        #expect(person.errors.contains("Somebody signs in for account support."))
    }

    @Test("and revoke says what the provider did, and what to do there")
    func revoke() async throws {
        var script = FakePlane.Script()
        script.accounts = [.support, .broken]
        let (told, _) = try await postbote("revoke", "support", script: script)
        #expect(told.text == "forgotten: the consent of support\nthe provider has taken it back, too\n")
        let (failed, _) = try await postbote("revoke", "broken", script: script)
        #expect(failed.code == 0)
        #expect(failed.text.contains("the provider has not taken it back: the refresh token has expired"))
        #expect(failed.text.hasSuffix("Remove the app there.\n"))
    }

    @Test("says why it failed")
    func declined() async throws {
        var script = FakePlane.Script()
        script.signIn = [.failed]
        let (finished, _) = try await postbote("authorize", "support", "--device", script: script)
        #expect(finished.code == 1)
        #expect(finished.errors == "postbote: sign in: Anna declined: begin again\n")
    }

    @Test(
        "takes a refresh token from standard input or a file, never from an argument",
        arguments: [
            ("good-refresh-token\n", 0), ("  good-refresh-token", 0), ("bad-refresh-token", 1), ("", 65),
            (String(repeating: "x", count: 70_000), 65),
        ] as [(String, Int32)], [true, false])
    func importing(given: (token: String, code: Int32), fromFile: Bool) async throws {
        let (token, code) = given
        let directory = try TemporaryDirectory(prefix: "pb")
        let path = fromFile ? try directory.file("token", token, mode: 0o600) : "-"
        let (finished, _) = try await postbote(
            "authorize", "support", "--import", path, input: fromFile ? nil : token)
        #expect(finished.code == code)
        #expect(!finished.errors.contains("refresh-token"))
        #expect(!finished.text.contains("refresh-token"))
    }

    @Test("prints a link on a line of its own, or where it was mailed to")
    func link() async throws {
        let (printed, _) = try await postbote("authorize", "support", "--link")
        #expect(printed.text.hasPrefix("For support@contoso.de, once, until 20"))
        #expect(printed.text.hasSuffix(":\nhttps://post.contoso.de/authorize/the-token\n"))
        let (mailed, _) = try await postbote("authorize", "support", "--link", "--mail", "--expires", "2h")
        #expect(mailed.text.hasPrefix("mailed to support@contoso.de, good until 20"))
        #expect(!mailed.text.contains("the-token"))
        let (json, _) = try await postbote("authorize", "support", "--link", "--json")
        #expect(json.text.contains("\"url\":\"https://post.contoso.de/authorize/the-token\""))
    }

    @Test("has a line for each account that needs its owner, and fails when one got no link")
    func allMissing() async throws {
        let (finished, _) = try await postbote("authorize", "--all-missing")
        #expect(finished.code == 1)
        #expect(
            finished.text == """
                info  info@contoso.de  https://post.contoso.de/authorize/the-token
                support  anna@contoso.de  not possible: no mail could be sent

                """)
        #expect(finished.errors == "postbote: 1 of 2 accounts got no link\n")
    }
}
