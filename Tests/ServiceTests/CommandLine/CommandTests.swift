import ControlSupport
import Diagnostics
import Glibc
import MailModel
import Operations
import TestSupport
import Testing

/// Runs the program against a daemon that answers as it is told.
func postbote(
    _ arguments: String..., script: FakePlane.Script = FakePlane.Script(), input: String? = nil
) async throws -> (ChildProcess.Finished, FakePlane) {
    try await RunningServer.run(script) { running in
        let finished = try await PostboteProgram.run(
            arguments, runtimeDirectory: running.directory.path, input: input)
        return (finished, running.plane)
    }
}

extension ChildProcess.Finished {
    var code: Int32? { if case .exited(let code) = status { code } else { nil } }
}

@Suite("The commands")
struct CommandTests {
    @Test(
        "end with the exit code that says what happened",
        arguments: [
            (["status"], 0), (["status", "support"], 0), (["status", "nobody"], 66), (["status", "--problems"], 0),
            (["status", "No such!"], 66), (["fetch", "support"], 0), (["fetch", "support", "--wait"], 0),
            (["fetch", "nobody"], 66), (["folders", "support"], 0), (["folders", "nobody"], 66),
            (["status", ""], 66), (["status", "a/b"], 66), (["fetch", ""], 66), (["folders", ".."], 66),
            (["quarantine"], 0), (["quarantine", "list", "--account", "support"], 0),
            (["quarantine", "show", "7"], 0), (["quarantine", "show", "8"], 66), (["quarantine", "show", "x"], 66),
            (["quarantine", "retry", "7"], 0), (["quarantine", "deliver", "7"], 0),
            (["quarantine", "drop", "8"], 66),
            (["quarantine", "drop"], 64),
            (["pause", "support"], 0), (["pause", "support", "--backfill"], 0), (["pause", "nobody"], 66),
            (["pause", "support", "--until", "tomorrow"], 64), (["resume", "support"], 0),
            (["mail", "find", "--message-id", "<1@contoso.de>"], 0), (["mail", "find", "--since", "2026-11-21"], 0),
            (["mail", "find", "support", "--key", "\(DeliveryKey.known)"], 0), (["mail", "find"], 64),
            (["mail", "find", "--message-id", "unknown@example.org"], 66), (["mail", "find", "--since", "x"], 64),
            (["mail", "find", "--key", "00000000000000000000000000000000"], 66),
            (["mail", "find", "--key", "x", "--message-id", "y"], 64), (["mail", "find", "--message-id", ""], 64),
            (["mail", "find", "--until", "2026-11-21", "--folder", "Nowhere"], 66),
            (["mail", "find", "--since", "2026-11-22", "--until", "2026-11-21"], 64),
            (["mail", "show", "\(DeliveryKey.known)"], 0), (["mail", "show", "x"], 66), (["mail", "show"], 64),
            (["mail", "show", "00000000000000000000000000000000"], 66), (["mail", "seen", "x"], 66),
            (["mail", "redeliver", "\(DeliveryKey.known)"], 0), (["mail", "redeliver"], 64),
            (["mail", "redeliver", "\(DeliveryKey.known)", "--destination", "No such"], 66),
            (["mail", "move", "\(DeliveryKey.known)"], 64),
            (["mail", "move", "--to", "", "\(DeliveryKey.known)"], 64),
            (["mail", "move", "--to", "archive", "\(DeliveryKey.known)", "--wait"], 0),
            (["mail", "delete", "00000000000000000000000000000000"], 66),
            (["reset", "support"], 0), (["reset", "support", "INBOX", "--dry-run"], 0), (["reset", "nobody"], 66),
            (["reset", "support", "Nowhere"], 66), (["reset"], 64),
            (["report"], 0), (["report", "--anonymous"], 0), (["report", "support"], 64),
            (["report", "--output", "/nowhere/report"], 73), (["doctor", "support"], 0),
            (["doctor", "support", "--send-to", "a@b.example"], 0),
            (["doctor", "support", "--send-to", "nobody"], 64), (["doctor", "nobody"], 66), (["doctor"], 64),
            (["trace", "support"], 0), (["trace", "support", "--for", "60m", "--json"], 0),
            (["trace", "nobody"], 66),
            (["trace"], 64), (["trace", "support", "--for", "2h"], 64), (["trace", "support", "--for", "0s"], 64),
            (["trace", "support", "--for", "5"], 64),
            (["audit", "support"], 0), (["audit", "nobody"], 66), (["audit"], 64),
            (["import", "maildir", "--account", "support", "/srv/mail"], 0),
            (["import", "maildir", "--account", "nobody", "/srv/mail"], 66),
            (["import", "maildir", "/srv/mail"], 64), (["import", "maildir", "--account", "support"], 64),
            (["account", "forget", "former"], 0), (["account", "forget", "support"], 1),
            (["account", "forget", "nobody"], 66), (["account", "forget"], 64),
            (["token", ""], 66), (["authorize", "", "--device"], 66), (["queue", "show", ""], 66),
            (["queue", "retry", "a/b"], 66), (["sendmail", "--help"], 0),
            (["token", "support"], 0), (["token", "nobody"], 66), (["reload"], 0), (["queue"], 0),
            (["queue", "list"], 0), (["queue", "list", "--state", "lost"], 64),
            (["queue", "show", "01KAK5RZ7G0001"], 0), (["queue", "show", "nothing"], 66),
            (["queue", "retry", "01KAK5RZ7G0001"], 0), (["queue", "hold", "01KAK5RZ7G0001"], 0),
            (["queue", "release", "01KAK5RZ7G0001"], 0), (["queue", "cancel", "01KAK5RZ7G0002"], 1),
            (["queue", "retry", "01KAK5RZ7G0003"], 66), (["queue", "retry", "--all"], 0),
            (["queue", "retry", "--account", "support"], 0), (["queue", "retry"], 64),
            (["queue", "retry", "--all", "01KAK5RZ7G0001"], 64), (["authorize", "support"], 64),
            (["authorize", "broken"], 66), (["revoke", "support"], 0), (["revoke", "nobody"], 66),
            (["authorize", "support", "--device", "--import", "x"], 64),
            (["authorize", "support", "--link"], 0), (["authorize", "nobody", "--link"], 66),
            (["authorize", "support", "--link", "--mail", "--expires", "7d"], 0), (["authorize", "--link"], 64),
            (["authorize", "support", "--link", "--expires", "1m"], 64),
            (["authorize", "support", "--link", "--expires", "48"], 64),
            (["authorize", "support", "--all-missing"], 64), (["authorize", "support", "--device", "--mail"], 64),
            (["authorize", "support", "--device", "--json"], 64),
            (["authorize", "support", "--import", "/nowhere"], 66), (["authorize", "nobody", "--device"], 66),
            (["send", "/nowhere"], 66), (["send", "--at", "tomorrow"], 64), (["send", "--priority", "12"], 64),
            (["send", "--key", "a b"], 64),
            (["explain", "7000222"], 0), (["explain", "AADSTS50076", "--json"], 0), (["explain", "--list"], 0),
            (["explain", "-ERR [AUTH] no"], 0), (["explain", "535", "5.7.3", "Authentication", "unsuccessful"], 0),
            (["explain"], 64), (["explain", ""], 64), (["explain", "--frobnicate"], 64),
            (["explain", "--list", "50076"], 64), (["explain", "AADSTS1"], 66), (["explain", "frobnicate"], 66),
            (["frobnicate"], 64), (["status", "--frobnicate"], 64), (["--version"], 0), (["--help"], 0),
            (["queue", "--help"], 0), (["sendmail"], 64), (["sendmail", "-Z"], 64),
        ] as [([String], Int32)])
    func exitCodes(arguments: [String], code: Int32) async throws {
        try await RunningServer.run { running in
            let finished = try await PostboteProgram.run(
                arguments, runtimeDirectory: running.directory.path, input: "From: a@b\n\nx\n")
            #expect(finished.code == code, "\(finished.errors)")
            // What went wrong is said on standard error, what was asked for on standard output; an order that was carried
            // out says nothing.
            if code != 0 { #expect(finished.output.isEmpty && !finished.errors.isEmpty) }
        }
    }

    @Test(
        "pass the daemon's failures on",
        arguments: [
            (Failure(.account, .later(after: nil), operation: "connect", reason: "no route"), 75),
            (Failure(.account, .whenReauthorized, operation: "refresh", reason: "it has expired"), 1),
            (Failure(.message, .never, operation: "check", reason: "no From"), 65),
        ] as [(Failure, Int32)])
    func failures(failure: Failure, code: Int32) async throws {
        var script = FakePlane.Script()
        script.error = failure
        let (finished, _) = try await postbote("status", script: script)
        #expect(finished.code == code)
        #expect(finished.errors == "postbote: \(failure.operation): \(failure.reason)\n")
    }

    @Test("a fault of the daemon is 70")
    func fault() async throws {
        struct Fault: Error {}
        var script = FakePlane.Script()
        script.error = Fault()
        #expect(try await postbote("status", script: script).0.code == 70)
    }

    @Test("without a daemon they end with 69", arguments: ["status", "reload", "queue", "mailq"])
    func unreachable(command: String) async throws {
        let directory = try TemporaryDirectory(prefix: "pb")
        let arguments = command == "mailq" ? ["sendmail", "-bp"] : [command]
        let finished = try await PostboteProgram.run(arguments, runtimeDirectory: directory.path)
        #expect(finished.code == 69)
        #expect(finished.errors.contains("not reachable at \(directory("postbote.sock"))"))
    }

    @Test("output that cannot be written ends with 73")
    func cannotWrite() async throws {
        try await RunningServer.run { running in
            let command = "exec \(PostboteProgram.path) token support > /dev/full"
            var options = ChildProcess.Options()
            options.adding = ["RUNTIME_DIRECTORY": running.directory.path]
            let finished = try await ChildProcess.run("/bin/sh", ["-c", command], options: options)
            #expect(finished.status == .exited(73))
        }
    }

    @Test("--json prints what the API answers")
    func json() async throws {
        try await RunningServer.run { running in
            for (arguments, target) in [
                (["status"], "/v1/accounts"), (["status", "support"], "/v1/accounts/support"),
                (["folders", "support"], "/v1/accounts/support/folders"),
                (["queue", "list"], "/v1/messages"),
                (["mail", "show", "\(DeliveryKey.known)"], "/v1/mail/\(DeliveryKey.known)"),
                (
                    ["mail", "find", "--message-id", "<1@contoso.de>", "--limit", "3"],
                    "/v1/mail?message_id=1@contoso.de&limit=3"
                ),
                (["queue", "show", "01KAK5RZ7G0001"], "/v1/messages/01KAK5RZ7G0001"),
                (["token", "support"], "/v1/accounts/support/token"),
            ] {
                let finished = try await PostboteProgram.run(
                    arguments + ["--json"], runtimeDirectory: running.directory.path)
                let response = try #require(await running.ask("GET", target))
                #expect(finished.text == response.text + "\n")
                #expect(finished.text.contains(#""version":1"#))
            }
        }
    }

    @Test("audit shows numbers, each difference and what is not cured, and ends with 1 when anything was wrong")
    func audit() async throws {
        var script = FakePlane.Script()
        script.audit = .troubled
        let (troubled, _) = try await postbote("audit", "support", script: script)
        #expect(troubled.code == 1)
        #expect(
            troubled.text == """
                FOLDER    ON SERVER  DELIVERED  TOO LARGE  UNACCOUNTED
                INBOX            12         11          1            2
                Nirgends          -          -          -            -
                INBOX UID 5: not in the ledger: fetched
                INBOX UID 9: not in the ledger: not cured yet
                INBOX: and 7 more
                INBOX UID 3: too_large: 9 octets, limit 8
                INBOX: and 4 more not fetched

                """)
        #expect(troubled.errors.contains("Nirgends: LIST: The mailbox has no folder."))
        #expect(troubled.errors.contains("2 messages were not accounted for; 1 still are not"))
        let (clean, _) = try await postbote("audit", "support")
        #expect(clean.code == 0 && clean.errors.isEmpty)
    }

    @Test("trace shows time, connection, who speaks and what was said, with nothing that steers a terminal")
    func trace() async throws {
        let (shown, _) = try await postbote("trace", "support", "--for", "1m")
        #expect(
            shown.text.split(separator: "\n").dropFirst() == [
                "09:30:00.007 imap#1 * connecting", "09:30:00.007 imap#1 C: A1 NOOP",
                "09:30:00.007 imap#1 S: A1 OK \\u{1b}[2J done", "09:30:00.007 * the time is over",
            ])
        #expect(shown.text.contains("for 60 s by uid"))
    }

    @Test("doctor shows a line a step, below those that are not ok what to do, and ends with 1 when one failed")
    func doctor() async throws {
        var script = FakePlane.Script()
        script.doctor = .ill
        let (ill, _) = try await postbote("doctor", "support", script: script)
        #expect(ill.code == 1)
        let lines = ill.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "ok       configuration                 support@contoso.de receives")
        #expect(lines.contains("warning  TLS imap") && lines.contains("         next      It must be renewed."))
        #expect(lines.contains("failed   SMTP sign-in"))
        #expect(lines.contains("skipped  MAIL FROM support@contoso.de  needs: submission_sign_in"))
        #expect(ill.text.contains("Set-CASMailbox -Identity support@contoso.de"))
        #expect(ill.errors == "postbote: 1 of 5 steps failed\n")
        let (healthy, plane) = try await postbote("doctor", "support", "--send-to", "a@b.example")
        #expect(healthy.code == 0 && healthy.errors.isEmpty)
        #expect(plane.calls.contains("doctor support to a@b.example"))
        // A test mail to nobody is refused before anybody is asked.
        let (nobody, unasked) = try await postbote("doctor", "support", "--send-to", "nobody")
        #expect(nobody.status == .exited(64) && nobody.errors.contains("The address of --send-to has no domain."))
        #expect(unasked.calls.isEmpty)
        let (json, _) = try await postbote("doctor", "support", "--json", script: script)
        #expect(json.code == 1 && json.text.contains(#""outcome":"failed""#) && json.text.contains(#""version":1"#))
    }

    @Test("import names files that could not be read, and ends with 1")
    func unreadableImport() async throws {
        var script = FakePlane.Script()
        script.importErrors = [
            ErrorReport(
                Failure(
                    .folder, .whenReconfigured(by: .operatorOfPostbote), operation: "open",
                    reason: "/x/cur/1: Permission denied."))
        ]
        let (finished, plane) = try await postbote("import", "maildir", "--account", "support", "x", script: script)
        #expect(finished.code == 1)
        #expect(finished.errors == "postbote: /x/cur/1: Permission denied.\n")
        #expect(finished.text.contains("INBOX"))
        // The daemon has another working directory.
        #expect(plane.calls.contains { $0.hasPrefix("import support /") && $0.hasSuffix("/x all") })
    }

    @Test("status shows one row an account, and its problems with what to do")
    func status() async throws {
        var script = FakePlane.Script()
        script.accounts = [.support, .broken]
        let (list, _) = try await postbote("status", script: script)
        let lines = list.text.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("ACCOUNT  RECEIVE              SEND"))
        #expect(lines[1].hasPrefix("support  ok idling            ok"))
        #expect(lines[1].contains(" 1200 "))
        #expect(lines[2].hasPrefix("broken   needs_authorization  -"))
        let (problems, _) = try await postbote("status", "--problems", script: script)
        #expect(problems.code == 1)
        #expect(problems.text.split(separator: "\n").count == 2)
        let (details, _) = try await postbote("status", "broken", script: script)
        #expect(details.code == 0)
        #expect(details.text.contains("receiving     needs_authorization since 2026-11-21T09:30:00Z"))
        #expect(details.text.contains("refresh token: the refresh token has expired: run postbote authorize broken"))
        #expect(details.text.contains("server: AADSTS700082"))
        // The entry of `explain`, with this account's names.
        #expect(details.text.contains("\n    AADSTS700082\n"))
        #expect(details.text.contains("      who acts       mailbox owner\n"))
        #expect(details.text.contains("Sign in again as broken@contoso.de: `postbote authorize broken --device`."))
        #expect(details.text.contains("      how to see     The command says that broken is signed in"))
        #expect(!list.text.contains("who acts"))
    }

    @Test("status says first what concerns the daemon as a whole, and --problems is 1 then")
    func storage() async throws {
        var script = FakePlane.Script()
        script.state = .storage
        let (list, _) = try await postbote("status", script: script)
        #expect(list.code == 0)
        #expect(list.errors.contains("postbote is in state storage"))
        #expect(try await postbote("status", "--problems", script: script).0.code == 1)
    }

    @Test("what a server said steers no terminal")
    func printable() async throws {
        var script = FakePlane.Script()
        script.accounts[0].errors = [
            ErrorReport(Failure(.account, .now, operation: "x", reason: "\u{1b}[31mred\u{7}\r\nnext"))
        ]
        let (finished, _) = try await postbote("status", "support", script: script)
        let control = finished.output.filter { $0 < 0x20 && $0 != UInt8(ascii: "\n") }
        #expect(control.isEmpty)
        #expect(finished.text.contains("[31mred"))
    }

    @Test("fetch --wait is 1 when something kept it from looking everywhere")
    func fetch() async throws {
        var script = FakePlane.Script()
        script.fetchErrors = [.expired]
        let (finished, plane) = try await postbote("fetch", "support", "--wait", script: script)
        #expect(finished.code == 1)
        #expect(finished.text == "3 delivered, 12 kB\n")
        #expect(finished.errors.contains("the refresh token has expired"))
        #expect(plane.calls.last == "fetch support and wait")
    }

    @Test("reload prints what changed, and all errors with 78")
    func reload() async throws {
        let (done, _) = try await postbote("reload")
        #expect(done.text == "added: info; changed: support\n")
        #expect(done.errors.contains("postbote.yaml:3:1: no date"))
        #expect(done.errors.contains("`state_directory` takes effect at the next start"))
        var script = FakePlane.Script()
        script.reloadError = Problem(.configuration, "2 errors", errors: ["a.yaml:1:2: x", "a.yaml:3:4: y"])
        let (refused, _) = try await postbote("reload", script: script)
        #expect(refused.code == 78)
        #expect(refused.errors == "postbote: a.yaml:1:2: x\npostbote: a.yaml:3:4: y\n")
    }

    @Test("token prints the token alone, on standard output alone")
    func token() async throws {
        let (present, _) = try await postbote("token", "support")
        #expect(present.text == "present-token\n")
        #expect(present.errors.isEmpty)
        let (fresh, _) = try await postbote("token", "support", "--refresh")
        #expect(fresh.text == "fresh-token\n")
    }

    @Test("queue list goes through all pages")
    func queuePages() async throws {
        var script = FakePlane.Script()
        script.pages = [
            QueuePage(messages: [.deferred], next: QueueID.sample.description),
            QueuePage(messages: [.deferred, .deferred]),
        ]
        let (finished, plane) = try await postbote("queue", "list", "--state", "deferred", script: script)
        let lines = finished.text.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("ID              ACCOUNT  STATE"))
        #expect(lines[3].hasPrefix("01KAK5RZ7G0001  support  deferred"))
        #expect(plane.calls == ["messages - deferred -", "messages - deferred 01KAK5RZ7G0001"])
    }

    @Test("mail find goes through all pages, and says why something was not delivered")
    func mailFind() async throws {
        let (all, plane) = try await postbote("mail", "find", "--since", "2026-11-21", "--until", "2026-11-22")
        let lines = all.text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("STATE      ACCOUNT  FOLDER  UID"))
        #expect(lines[1].contains("inbox,crm  \(DeliveryKey.known)"))
        #expect(lines[1].contains("move to archive at 2026-11-21T09:40:00Z (after_fetch)"))
        #expect(lines[2].contains("too_large") && lines[2].contains("90000000 octets, limit 50000000"))
        let time = "time 2026-11-21T00:00:00Z 2026-11-22T00:00:00Z"
        #expect(plane.calls == ["mail all \(time) 0", "mail all \(time) 7"])
        let (first, _) = try await postbote("mail", "find", "--since", "2026-11-21", "--limit", "1")
        #expect(first.text.split(separator: "\n").count == 2)
    }

    @Test("mail show tells where a message went and what is to be done with it")
    func mailShow() async throws {
        let (finished, _) = try await postbote("mail", "show", "\(DeliveryKey.known)".uppercased())
        for line in [
            "key           \(DeliveryKey.known)", "state         delivered", "to            inbox, crm",
            "files         /srv/mail/support/{new,cur}/*.K\(DeliveryKey.known).*",
            "to be done    move to archive at 2026-11-21T09:40:00Z (after_fetch)",
            "redelivery    to be delivered again to crm since 2026-11-21T09:30:00Z, 1 attempts",
        ] { #expect(finished.text.split(separator: "\n").contains(Substring(line)), "\(line)") }
    }

    @Test(
        "orders about mail say what was ordered, and with --wait what came of it",
        arguments: ["done", "gone", "pending"])
    func mailOrders(outcome: String) async throws {
        var script = FakePlane.Script()
        script.mailOutcome = outcome
        let (ordered, _) = try await postbote("mail", "seen", "\(DeliveryKey.known)", script: script)
        #expect(ordered.code == 0)
        #expect(ordered.text == "\(DeliveryKey.known) support INBOX: seen ordered\n")
        let (waited, plane) = try await postbote(
            "mail", "move", "--to", "archive", "--folder", "INBOX", "--wait", "\(DeliveryKey.known)", script: script)
        #expect(waited.code == (outcome == "done" ? 0 : 1))
        #expect(waited.text == "\(DeliveryKey.known) support INBOX: move \(outcome)\n")
        #expect(waited.errors.contains("the refresh token has expired") == (outcome == "pending"))
        #expect(plane.calls.last == "move archive INBOX and wait")
    }

    @Test("queue show tells recipients and attempts")
    func queueShow() async throws {
        let (finished, _) = try await postbote("queue", "show", "01kak5rz7g0001")
        #expect(finished.text.contains("a@example.org  sent             1  250 2.1.5 OK"))
        #expect(finished.text.contains("reason        451 4.7.0 Temporary server error"))
    }

    @Test("an order for several ids is given to each, and the first failure is the exit code")
    func severalIDs() async throws {
        let (finished, plane) = try await postbote(
            "queue", "cancel", "01KAK5RZ7G0002", "01KAK5RZ7G0003", "01KAK5RZ7G0001")
        #expect(finished.code == 1)
        #expect(finished.errors.split(separator: "\n").count == 2)
        #expect(plane.calls.count == 3)
    }

    @Test("check-config needs no daemon, and tells every error with its place")
    func checkConfig() async throws {
        let directory = try TemporaryDirectory(prefix: "pb")
        let path = try directory.file("postbote.yaml", "pol_interval: 5m\naccounts: {a: {}}\n")
        let finished = try await PostboteProgram.run(["check-config", "--config", path])
        #expect(finished.code == 78)
        #expect(finished.errors.contains("postbote: \(path):1:1:"))
        #expect(finished.errors.contains("did you mean `poll_interval`?"))
        #expect(finished.output.isEmpty)
    }

    @Test("find the socket that the configuration names, errors elsewhere in it or not")
    func configuredSocket() async throws {
        try await RunningServer.run { running in
            let path = try running.directory.file(
                "other.yaml", "nonsense: [\ncontrol_socket: \"\(running.control)\" # here\n")
            let finished = try await PostboteProgram.run(["reload", "--config", path])
            #expect(finished.code == 0)
        }
    }
}
