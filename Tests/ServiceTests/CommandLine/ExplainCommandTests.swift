import ArgumentParser
import Explanations
import Operations
import TestSupport
import Testing

@testable import postbote

@Suite("postbote explain")
struct ExplainCommandTests {
    /// Without a daemon and without a configuration.
    private func explain(_ arguments: String...) async throws -> ChildProcess.Finished {
        try await PostboteProgram.run(["explain"] + arguments)
    }

    @Test(
        "tells what happened, who acts, what to do and how to see that it worked",
        arguments: [
            ("AADSTS7000222", "AADSTS7000222"), ("7000222", "AADSTS7000222"), ("50076", "AADSTS50076"),
            (
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
                    + "https://aka.ms/smtp_auth_disabled for more information.",
                "SMTP SmtpClientAuthentication is disabled for the Tenant"
            ),
            ("invalid_grant", "OAuth invalid_grant"),
            ("User is authenticated but not connected", "IMAP User is authenticated but not connected"),
            ("-ERR [SYS/PERM] no", "POP3 [SYS/PERM]"), ("needs_admin", "State needs_admin"),
            (
                "postbote[1]: account changed state account=support (server: invalid_grant: AADSTS50173: revoked)",
                "AADSTS50173"
            ),
        ])
    func found(text: String, key: String) async throws {
        let finished = try await explain(text)
        #expect(finished.code == 0 && finished.errors.isEmpty)
        let lines = finished.text.split(separator: "\n").map(String.init)
        #expect(lines.first == key)
        let names = ["  what happened  ", "  who acts       ", "  what to do     ", "  how to see     "]
        #expect(lines.count == 5)
        for (line, name) in zip(lines.dropFirst(), names) { #expect(line.hasPrefix(name) && line.count > 20) }
    }

    @Test("separates several by an empty line, the most specific first")
    func several() async throws {
        let finished = try await explain("535 5.7.3 Authentication unsuccessful AADSTS50076")
        let keys = finished.text.split(separator: "\n\n").compactMap { $0.split(separator: "\n").first }
        #expect(keys == ["AADSTS50076", "SMTP 535 5.7.3"])
    }

    @Test("says where to look for what it does not know, and what is nearest to it")
    func unknown() async throws {
        let number = try await explain("AADSTS7000223")
        #expect(number.code == 66 && number.output.isEmpty)
        #expect(number.errors.contains("nothing is known of “AADSTS7000223”"))
        #expect(number.errors.contains("known and similar: AADSTS7000222; "))
        #expect(number.errors.contains("https://login.microsoftonline.com/error?code=7000223"))
        let text = try await explain("Es geht nicht")
        #expect(text.code == 66)
        #expect(!text.errors.contains("login.microsoftonline.com"))
        #expect(text.errors.contains("mail is kept"))
    }

    @Test("--list has one row a key, and --json is as docs/openapi.yaml describes it")
    func list() async throws {
        let list = try await explain("--list")
        let json = try await explain("--list", "--json")
        let entries = try JSON.decode(ExplanationList.self, from: Array(json.text.utf8)).entries
        #expect(json.text.contains(#""version":1"#))
        #expect(list.text.split(separator: "\n").count == entries.count + 1)
        #expect(list.text.contains("\nAADSTS7000222 "))
        let one = try await explain("50076", "--json")
        #expect(one.text.contains(#""key":"AADSTS50076""#) && one.text.contains(#""who_acts":"owner""#))
        #expect(one.text.contains(#""version":1"#))
    }

    /// The commands in the sentences of all explanations, without the program's name and what is redirected.
    private static let advised: [[String]] = {
        let texts = Set(Explanations.all.flatMap { [$0.toDo, $0.howToSee] })
        let pieces = texts.flatMap { text in
            text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
        }
        let commands = Set(pieces.filter { $0.hasPrefix("postbote ") }).sorted()
        return commands.map { command in
            let words = command.split(separator: ">")[0].split(separator: " ").dropFirst()
            return words.map { $0 == "{account}" ? "support" : String($0) }
        }
    }()

    @Test("advises only commands that there are, with options that they take", arguments: advised)
    func commands(words: [String]) throws {
        // `postbote authorize` alone stands for what was run before; sendmail has a parser of its own.
        if words.count == 1 || words[0] == "sendmail" {
            let names = PostboteCommand.configuration.subcommands.map { $0.configuration.commandName }
            #expect(names.contains(words[0]))
        } else {
            _ = try PostboteCommand.parseAsRoot(words)
        }
    }

    @Test("advises commands at all")
    func advice() {
        #expect(ExplainCommandTests.advised.count > 20)
    }

    @Test("what somebody pastes steers no terminal")
    func printable() async throws {
        let finished = try await explain("\u{1b}[31mred\u{7}")
        #expect(finished.code == 66)
        #expect(!finished.errors.contains("\u{1b}"))
    }
}
