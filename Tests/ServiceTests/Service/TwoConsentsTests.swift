import TestSupport
import Testing

@Suite("An account whose two directions sign in at two providers") struct TwoConsentsTests {
    private static let bert = "bert@example.test"

    /// Receiving signs in at `test`, sending at `real`: two apps, and so two consents of the same person.
    private func start() async throws -> (ServiceUnderTest, ChildProcess, SMTPServer) {
        let server = try await SMTPServer.start(SMTPServerOptions())
        let service = try await ServiceUnderTest.start(
            submission: { _ in server }, users: [ServiceUnderTest.user, Self.bert])
        try service.configure(send: "provider: real", others: [Self.bert])
        return (service, try await service.serve(), server)
    }

    private func give(_ service: ServiceUnderTest, _ words: String...) async throws -> ChildProcess.Finished {
        let token = service.authorization.consent(user: ServiceUnderTest.user)
        return try await service.run(["authorize", "anna", "--import", "-"] + words, input: Array("\(token)\n".utf8))
    }

    private func states(_ service: ServiceUnderTest) async throws -> (receive: String, send: String) {
        let status = try await service.run("status", "anna", "--json").text
        func state(_ direction: String) -> String {
            let part = status.firstRange(of: "\"\(direction)\":{").map { status[$0.upperBound...] } ?? ""
            return part.firstMatch(of: /"state":"(\w+)"/).map { String($0.1) } ?? ""
        }
        return (state("receive"), state("send"))
    }

    @Test("is asked for what is missing, and told of the other")
    func missing() async throws {
        let (service, daemon, server) = try await start()
        defer { withExtendedLifetime(server) {} }
        let first = try await give(service)
        #expect(first.status == .exited(0), "\(first.errors)")
        #expect(
            first.errors
                == "postbote: sending needs a sign-in of its own, which is missing: the same command with --direction send\n"
        )
        let second = try await give(service)
        #expect(second.status == .exited(0), "\(second.errors)")
        #expect(second.errors == "")
        let tokens = try await (
            service.run("token", "anna").text, service.run("token", "anna", "--direction", "receive").text,
            service.run("token", "anna", "--direction", "send").text
        )
        #expect(tokens.0 == tokens.1 && tokens.0 != tokens.2 && !tokens.2.isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("loses only the one that is revoked, and gets that again")
    func revoked() async throws {
        let (service, daemon, server) = try await start()
        defer { withExtendedLifetime(server) {} }
        #expect(try await give(service, "--direction", "send").status == .exited(0))
        #expect(try await give(service, "--direction", "receive").status == .exited(0))
        let unclear = try await service.run("revoke", "anna")
        #expect(unclear.status == .exited(64), "\(unclear.errors)")
        for word in ["at test (--direction receive)", "at real (--direction send)"] {
            #expect(unclear.errors.contains(word), "\(unclear.errors)")
        }
        #expect(try await service.run("token", "anna", "--direction", "send").status == .exited(0))
        let revoked = try await service.run("revoke", "anna", "--direction", "send")
        #expect(revoked.status == .exited(0), "\(revoked.errors)")
        #expect(try await service.run("token", "anna", "--direction", "send").status == .exited(1))
        #expect(try await service.run("token", "anna").status == .exited(0))
        // Its sender has nothing to send.
        try await within(.seconds(60), "sending to need somebody") {
            while try await states(service) != ("ok", "needs_authorization") { await Task.yield() }
        }
        async let finished = service.run("authorize", "anna", "--device")
        let code = try await service.authorization.pendingUserCode()
        service.authorization.approveDevice(userCode: code, as: ServiceUnderTest.user)
        #expect(try await finished.status == .exited(0))
        #expect(try await service.run("token", "anna", "--direction", "send").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("is not asked for the one of a direction that is switched off")
    func switchedOff() async throws {
        let (service, daemon, server) = try await start()
        defer { withExtendedLifetime(server) {} }
        try service.configure(send: "provider: real, enabled: false", others: [Self.bert])
        #expect(try await service.run("reload").status == .exited(0))
        for _ in 0..<2 {
            let given = try await give(service)
            #expect(given.status == .exited(0) && given.errors == "", "\(given.errors)")
        }
        #expect(try await service.run("token", "anna", "--direction", "receive").status == .exited(0))
        #expect(try await service.run("token", "anna", "--direction", "send").status == .exited(1))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("is named as it should be")
    func usage() async throws {
        let (service, daemon, server) = try await start()
        defer { withExtendedLifetime(server) {} }
        for words in [
            ["token", "anna", "--direction", "sent"], ["authorize", "anna", "--link", "--direction", "send"],
            ["authorize", "anna", "--direction", "send"],
        ] {
            #expect(try await service.run(words: words).status == .exited(64), "\(words)")
        }
        try service.configure(send: "enabled: false")
        #expect(try await service.run("reload").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
