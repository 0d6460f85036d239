import ControlSupport
import Glibc
import MailModel
import Operations
import TestSupport
import Testing

@Suite("send and sendmail")
struct SendCommandTests {
    static let message = "From: a@contoso.de\nTo: b@example.org\n\nHello.\n"

    @Test("send prints the id alone, and passes everything on")
    func send() async throws {
        let (finished, plane) = try await postbote(
            "send", "--account", "support", "--from", "a+tag@contoso.de", "--to", "x@example.org", "--to",
            "ü&=@example.org", "--at", "2026-11-21T09:30:00Z", "--priority", "3", "--key", "k", input: Self.message)
        #expect(finished.code == 0, "\(finished.errors)")
        #expect(finished.text == "01KAK5RZ7G0001\n")
        let received = try #require(plane.received.first)
        let expected = Submission(
            account: AccountName("support"), sender: "a+tag@contoso.de",
            recipients: ["x@example.org", "ü&=@example.org"], at: .start, priority: 3, idempotencyKey: "k",
            peer: received.submission.peer)
        #expect(received.submission == expected)
        #expect(received.content == Array(Self.message.utf8))
    }

    @Test("send takes the recipients of the header when none is named, and reads a file")
    func file() async throws {
        let directory = try TemporaryDirectory(prefix: "pb")
        let path = try directory.file("message.eml", Self.message)
        let (finished, plane) = try await postbote("send", path)
        #expect(finished.code == 0)
        let received = try #require(plane.received.first)
        #expect(received.submission.recipientsFromHeader)
        #expect(!received.submission.addsMissingFrom)
        #expect(received.content == Array(Self.message.utf8))
        #expect(received.submission.idempotencyKey?.hasPrefix("once-") == true)
    }

    @Test("the same key with another message is refused with 65")
    func key() async throws {
        try await RunningServer.run { running in
            for (text, code, id) in [("a", 0, "01KAK5RZ7G0001\n"), ("a", 0, "01KAK5RZ7G0001\n"), ("b", 65, "")] {
                let finished = try await PostboteProgram.run(
                    ["send", "--key", "k"], runtimeDirectory: running.directory.path, input: text)
                #expect(finished.code == Int32(code))
                #expect(finished.text == id)
            }
        }
    }

    @Test(
        "sendmail is called as programs do",
        arguments: [
            (["-t", "-i"], true, [], nil), (["-ti", "-f", "a@contoso.de"], true, [], "a@contoso.de"),
            (
                ["-oi", "-fa@contoso.de", "x@example.org", "y@example.org"], false,
                ["x@example.org", "y@example.org"], "a@contoso.de"
            ),
            (["-i", "--", "x@example.org"], false, ["x@example.org"], nil), (["-t", "-f", "<>"], true, [], ""),
            (
                ["-bm", "-oem", "-odb", "-n", "X Y <x@example.org>, y@example.org"], false,
                ["x@example.org", "y@example.org"], nil
            ),
        ] as [([String], Bool, [String], String?)])
    func sendmail(arguments: [String], fromHeader: Bool, recipients: [String], sender: String?) async throws {
        try await RunningServer.run { running in
            let finished = try await PostboteProgram.run(
                ["sendmail"] + arguments, runtimeDirectory: running.directory.path, input: Self.message)
            #expect(finished.code == 0, "\(finished.errors)")
            #expect(finished.output.isEmpty)
            let submission = try #require(running.plane.received.first?.submission)
            #expect(submission.recipientsFromHeader == fromHeader)
            #expect(submission.recipients == recipients)
            #expect(submission.sender == sender)
            #expect(submission.addsMissingFrom)
        }
    }

    @Test("is sendmail and mailq by those names")
    func names() async throws {
        try await RunningServer.run { running in
            for name in ["sendmail", "mailq"] {
                try #require(symlink(PostboteProgram.path, running.directory(name)) == 0)
            }
            let sent = try await PostboteProgram.run(
                ["-t"], runtimeDirectory: running.directory.path, calledAs: running.directory("sendmail"),
                input: Self.message)
            #expect(sent.code == 0, "\(sent.errors)")
            let listed = try await PostboteProgram.run(
                [], runtimeDirectory: running.directory.path, calledAs: running.directory("mailq"))
            #expect(listed.text.contains("01KAK5RZ7G0001"))
            let run = try await PostboteProgram.run(
                ["-q"], runtimeDirectory: running.directory.path, calledAs: running.directory("sendmail"))
            #expect(run.code == 0)
            #expect(running.plane.calls.last == "retry all")
        }
    }

    @Test("a lone dot ends a message unless -i is given")
    func loneDot() async throws {
        let text = "From: a@contoso.de\n\n..\n.x\n.\nrest\n"
        let (_, plain) = try await postbote("sendmail", "x@example.org", input: text)
        #expect(plain.received.first?.content == Array("From: a@contoso.de\n\n..\n.x\n".utf8))
        let (_, ignored) = try await postbote("sendmail", "-i", "x@example.org", input: text)
        #expect(ignored.received.first?.content == Array(text.utf8))
    }

    @Test("wait for a daemon that is being restarted")
    func restart() async throws {
        let running = try RunningServer()
        async let finished = PostboteProgram.run(
            ["send"], runtimeDirectory: running.directory.path, input: Self.message)
        // The daemon starts while the program waits, or before: both are right.
        try await running.server.start()
        let result = try await finished
        await running.server.stop(within: .seconds(5))
        #expect(result.code == 0, "\(result.errors)")
    }

    @Test("wait for a daemon that says it is stopping, and hand the message to the next")
    func stopping() async throws {
        var script = FakePlane.Script()
        script.submissionProblems = [Problem(.stopping, "Postbote is stopping; nothing was stored.")]
        let (finished, plane) = try await postbote("send", script: script, input: Self.message)
        #expect(finished.code == 0, "\(finished.errors)")
        #expect(plane.calls == ["submit", "submit"])
        #expect(plane.received.count == 1)
    }

    @Test("say how to repeat safely when the daemon died over the message and none came after it")
    func mayBeStored() async throws {
        let entered = Gate()
        var script = FakePlane.Script()
        script.beforeReading = {
            entered.open()
            try? await Task.sleep(for: .seconds(600))
        }
        let running = try RunningServer(script)
        try await running.server.start()
        async let finished = PostboteProgram.run(
            ["send"], runtimeDirectory: running.directory.path, input: Self.message, adding: ["POSTBOTE_WAIT": "0"])
        try await entered.passed()
        await running.server.stop(within: .zero)
        let result = try await finished
        #expect(result.code == 75)
        #expect(result.errors.contains("postbote send --key once-"))
    }

    @Test("end with 75 when none comes, and have stored nothing", arguments: ["send", "sendmail"])
    func tryLater(command: String) async throws {
        let directory = try TemporaryDirectory(prefix: "pb")
        let arguments = command == "send" ? ["send"] : ["sendmail", "-t"]
        let finished = try await PostboteProgram.run(
            arguments, runtimeDirectory: directory.path, input: Self.message, adding: ["POSTBOTE_WAIT": "0"])
        #expect(finished.code == 75)
        #expect(finished.output.isEmpty)
    }

    @Test("hand the message in again when the daemon dies over it")
    func lostReply() async throws {
        let entered = Gate()
        var script = FakePlane.Script()
        script.beforeReading = {
            entered.open()
            try? await Task.sleep(for: .seconds(600))
        }
        let running = try RunningServer(script)
        try await running.server.start()
        async let finished = PostboteProgram.run(
            ["send"], runtimeDirectory: running.directory.path, input: Self.message)
        try await entered.passed()
        await running.server.stop(within: .zero)
        let second = ControlServer(FakePlane(), path: running.control, logger: .quiet)
        try await second.start()
        let result = try await finished
        await second.stop(within: .seconds(5))
        #expect(result.code == 0, "\(result.errors)")
        #expect(result.text == "01KAK5RZ7G0001\n")
    }

    @Test("use submit.sock where the control socket is for others, and end with 77 where nothing is for them")
    func permissions() async throws {
        try #require(getuid() == 0, "changing the user needs root")
        var settings = AccessSettings()
        settings.send = ["nobody"]
        var script = FakePlane.Script()
        script.rules = await AccessRules.resolved(settings)
        try await RunningServer.run(script) { running in
            let program = try running.directory.publicCopy(of: PostboteProgram.path)
            let sent = try await running.asNobody(program, ["sendmail", "-t"], input: Self.message)
            #expect(sent.code == 0, "\(sent.errors)")
            let submission = try #require(running.plane.received.first?.submission)
            #expect(submission.peer.user == 65534)
            #expect(try await running.asNobody(program, ["status"]).code == 77)
            #expect(try await running.asNobody(program, ["token", "support"]).code == 77)
            chmod(running.submit, 0o600)
            #expect(try await running.asNobody(program, ["sendmail", "-t"], input: Self.message).code == 77)
        }
    }

    @Test("a message in a pipe of any size is handed in whole")
    func large() async throws {
        let text =
            "From: a@contoso.de\n\n" + String(repeating: String(repeating: "x", count: 76) + "\n", count: 100_000)
        let (finished, plane) = try await postbote("send", input: text)
        #expect(finished.code == 0)
        #expect(plane.received.first?.octets == text.utf8.count)
    }
}

extension RunningServer {
    fileprivate func asNobody(_ program: String, _ arguments: [String], input: String? = nil) async throws
        -> ChildProcess.Finished
    {
        var options = ChildProcess.Options()
        options.adding = ["RUNTIME_DIRECTORY": directory.path, "POSTBOTE_CONFIG": "/nowhere/postbote.yaml"]
        return try await ChildProcess.run(
            "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", program] + arguments,
            input: input.map { Array($0.utf8) }, options: options)
    }
}
