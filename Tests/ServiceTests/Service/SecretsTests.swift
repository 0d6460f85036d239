import Glibc
import TestSupport
import Testing

/// Secrets are planted everywhere, everything that can fail fails, the daemon crashes, and then they are searched for.
@Suite("Planted secrets") struct SecretsTests {
    @Test("are in no output, no log, no crash report, no file and no process's arguments or environment")
    func nowhere() async throws {
        let planted = try await PlantedSecrets.start()
        let service = planted.service
        let evidence = Evidence()
        var daemon = try await service.serve(adding: planted.environment)
        for place in PlantedSecrets.places { try await consent(place, of: "client-\(place)", planted, evidence) }
        for name in ["echo", "pop", "far"] {
            try await consent(name, of: RegisteredClient.publicClient.identifier, planted, evidence)
        }
        try await signInOnDevice(planted, evidence)
        try await visitAll(planted, evidence)
        try await refuseTokens(planted, evidence)
        try await send(planted, evidence, daemon)
        // Commands that show what there is: another one that could show too much belongs into this list.
        for arguments in [
            ["status"], ["status", "--json"], ["status", "echo"], ["status", "pop", "--json"], ["queue", "--json"],
            ["reload", "--json"], ["check-config"], ["report"], ["report", "--anonymous"],
        ] { evidence.add(arguments, try await service.run(words: arguments)) }
        for signal in [SIGSEGV, SIGABRT] {
            try evidence.look(at: daemon, "the daemon")
            daemon.send(signal: signal)
            #expect(try await daemon.exit() == .killed(signal: signal))
            try await daemon.errors.ended()
            evidence.add("what the daemon said, killed by \(signal)", daemon)
            try evidence.files(in: service.directory("state"), except: "postbote.key")
            daemon = try await service.serve(adding: planted.environment)
        }
        #expect(await daemon.stop() == .exited(0))
        evidence.add("what the daemon said", daemon)
        try evidence.files(in: service.directory("state"), except: "postbote.key")
        try search(for: try planted.planted + service.authorization.secrets, in: evidence)
        await planted.stop()
    }

    @Test("are in a memory that no other process of the daemon's user may look into", .enabled(if: geteuid() == 0))
    func memory() async throws {
        let nobody = try #require(SystemUser(named: "nobody"))
        let service = try await ServiceUnderTest.start()
        let program = try service.directory.publicCopy(of: PostboteProgram.path)
        let daemon = try await service.serve(program, as: nobody)
        // What a process keeps to itself belongs to root, whoever runs it (proc(5)).
        #expect(try owner(of: "/proc/\(daemon.processID)/environ") == 0)
        #expect(try owner(of: "/proc/\(daemon.processID)/mem") == 0)
        var reader = ChildProcess.Options()
        reader.user = nobody
        // What a debugger, gcore or a core file would be made from.
        for name in ["environ", "mem", "maps", "auxv"] {
            let looked = try await ChildProcess.run("cat", ["/proc/\(daemon.processID)/\(name)"], options: reader)
            #expect(!looked.status.isSuccess && looked.output.isEmpty, "\(name)")
        }
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    private func owner(of path: String) throws -> uid_t {
        var information = stat()
        try #require(stat(path, &information) == 0)
        return information.st_uid
    }

    // MARK: What is done

    private func consent(
        _ account: String, of client: String, _ planted: PlantedSecrets, _ evidence: Evidence
    ) async throws {
        let server = planted.service.authorization
        let client = try #require(server.options.clients.first { $0.identifier == client })
        let token = server.consent(user: "\(account)@example.test", client: client)
        let command = try planted.service.begin("authorize", account, "--import", "-")
        try evidence.look(at: command, "authorize --import")
        try command.write(Array((token + "\n").utf8))
        command.closeInput()
        #expect(try await command.exit() == .exited(0), "\(command.errors.text)")
        evidence.add("authorize \(account)", command)
    }

    private func signInOnDevice(_ planted: PlantedSecrets, _ evidence: Evidence) async throws {
        let server = planted.service.authorization
        let command = try planted.service.begin("authorize", "device", "--device")
        let code = try await server.pendingUserCode()
        try await command.output.line(containing: code)
        try evidence.look(at: command, "authorize --device")
        server.approveDevice(userCode: code, as: "device@example.test")
        #expect(try await command.exit() == .exited(0), "\(command.errors.text)")
        evidence.add("authorize --device", command)
    }

    private func visitAll(_ planted: PlantedSecrets, _ evidence: Evidence) async throws {
        let succeeding = PlantedSecrets.places + ["device", "right"]
        for account in succeeding + ["wrong", "echo", "pop", "told", "far"] {
            let finished = try await planted.service.run("fetch", account, "--wait", "--json")
            #expect(finished.status.isSuccess == succeeding.contains(account), "\(account): \(finished.errors)")
            // These servers did repeat what they were told.
            let isRepeated = ["echo", "pop", "told"].contains(account)
            #expect(finished.errors.contains("repeats a secret") == isRepeated, "\(account): \(finished.errors)")
            evidence.add(["fetch", account], finished)
        }
        for account in ["file", "wrong", "echo", "far"] {
            evidence.add(["folders", account], try await planted.service.run("folders", account, "--json"))
        }
        // The one command that is asked for a secret prints that one and no other.
        let token = try await planted.service.run("token", "file", "--json")
        #expect(token.status == .exited(0))
        let accessToken = try #require(planted.service.authorization.secrets.last { token.text.contains($0.text) })
        #expect(token.text.count < accessToken.octets.count + 100)
    }

    /// The authorization server answers the refresh of each account with all that it was told.
    private func refuseTokens(_ planted: PlantedSecrets, _ evidence: Evidence) async throws {
        let server = planted.service.authorization
        for (number, place) in PlantedSecrets.places.enumerated() {
            let client = "client-\(place)"
            let token = server.consent(
                user: "\(place)@example.test", client: RegisteredClient(client, secrets: [.init("unused")]))
            let secrets = "\(token) \(PlantedSecrets.clientSecret(place)) \(PlantedSecrets.shortLived)"
            let known = server.records.count { $0.client == client && $0.outcome == .fault }
            // To this client alone: the accounts before it go on asking for tokens.
            server.answerNext(.answer(Self.shortLived(token)), client: client)
            server.answerNext(.answer(Self.echo(number, secrets)), times: 100, client: client)
            let signedIn = try await planted.service.run("authorize", place, "--import", "-", input: token + "\n")
            #expect(signedIn.status == .exited(0), "\(place): \(signedIn.errors)")
            // The token ends at once, and the daemon asks for another by itself.
            try await server.records(atLeast: known + 2) { $0.client == client && $0.outcome == .fault }
            for arguments in [["fetch", place, "--wait"], ["status", place], ["status", place, "--json"]] {
                evidence.add(arguments, try await planted.service.run(words: arguments))
            }
            // An import that is refused with them is another way.
            let again = try await planted.service.run("authorize", place, "--import", "-", input: token + "\n")
            #expect(!again.status.isSuccess)
            evidence.add("authorize again", Array((again.text + again.errors).utf8))
            server.clearFaults()
        }
    }

    private static func shortLived(_ token: String) -> HTTPAnswer {
        HTTPAnswer(
            200, headers: [(name: "Content-Type", value: "application/json")],
            body: Array(
                #"""
                {"token_type": "Bearer", "access_token": "\#(PlantedSecrets.shortLived)", "expires_in": 1,
                "refresh_token": "\#(token)"}
                """#.utf8))
    }

    private static func echo(_ number: Int, _ secrets: String) -> HTTPAnswer {
        let answers = [
            (200, #"{"token_type": "\#(secrets)", "expires_in": "\#(secrets)"}"#),
            (400, #"{"error": "invalid_grant", "error_description": "\#(secrets)"}"#),
            (401, #"{"error": "\#(secrets)", "error_codes": ["\#(secrets)"]}"#),
            (400, secrets), (500, "<html>\(secrets)</html>"),
        ]
        return HTTPAnswer(answers[number].0, body: Array(answers[number].1.utf8))
    }

    private func send(_ planted: PlantedSecrets, _ evidence: Evidence, _ daemon: ChildProcess) async throws {
        let command = try planted.service.begin("send", "--account", "echo")
        try evidence.look(at: command, "send")
        try command.write(Array("From: echo@example.test\nTo: somebody@example.org\n\nx\n".utf8))
        command.closeInput()
        #expect(try await command.exit() == .exited(0), "\(command.errors.text)")
        let id = try await command.output.line { !$0.isEmpty }
        // Refused with what it was told.
        try await daemon.errors.line("sending to fail") { line in
            line.contains("ACCOUNT=echo") && line.contains("DIRECTION=send")
        }
        #expect(planted.echoingSMTP.events.contains { $0.verb == "AUTH" })
        evidence.add("send", command)
        evidence.add(["queue", "show"], try await planted.service.run("queue", "show", id, "--json"))
    }

    // MARK: Searching

    private func search(for secrets: [MarkedSecret], in evidence: Evidence) throws {
        #expect(secrets.count > 20)
        for (place, octets) in evidence.all {
            for secret in secrets {
                // An administrator who writes {env: NAME} has put it there himself.
                if place == "the daemon's environment", secret.text == PlantedSecrets.clientSecret("env") { continue }
                let forms = secret.forms(in: octets)
                if forms.isEmpty { continue }
                Issue.record("\(secret.name) is \(forms) in \(place): \(excerpt(octets, secret))")
            }
        }
    }

    private func excerpt(_ octets: [UInt8], _ secret: MarkedSecret) -> String {
        let lines = octets.split(separator: UInt8(ascii: "\n"))
        let line = lines.first { !secret.forms(in: Array($0)).isEmpty } ?? []
        return String(decoding: line.prefix(600), as: UTF8.self)
    }
}
