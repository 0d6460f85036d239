import ControlSupport
import Operations
import TestSupport
import Testing

@Suite("The service signs an account in by device code") struct SignInServiceTests {
    private func start() async throws -> ServiceUnderTest {
        var options = AuthorizationOptions()
        options.deviceInterval = .seconds(1)
        var dovecotOptions = DovecotOptions(users: [.init(ServiceUnderTest.user)])
        dovecotOptions.signer = options.signer
        return try ServiceUnderTest(
            dovecot: try await DovecotServer.start(dovecotOptions),
            authorization: try await AuthorizationServer.start(options))
    }

    private func ask(
        _ service: ServiceUnderTest, _ method: String, _ more: String = "", body: String? = nil
    ) async throws -> AuthorizationProgress {
        let response = try #require(
            await SocketConversation.ask(
                service.directory("run/postbote.sock"), method, "/v1/accounts/anna/authorize\(more)",
                headers: ["Content-Type": "application/json"], body: body.map { Array($0.utf8) }))
        return try JSON.decode(Versioned<AuthorizationProgress>.self, from: response.body).value
    }

    private func begin(_ service: ServiceUnderTest) async throws -> AuthorizationProgress {
        try await ask(service, "POST", body: #"{"method":"device"}"#)
    }

    @Test("and answers each question after the patience it was asked with, until the owner has signed in")
    func polls() async throws {
        let service = try await start()
        let daemon = try await service.serve()
        var progress = try await begin(service)
        let code = try #require(progress.instructions?.userCode)
        for _ in 0..<3 {
            progress = try await ask(service, "GET", "/\(progress.id)?wait=1")
            #expect(progress.state == .waiting)
        }
        #expect(service.authorization.approveDevice(userCode: code, as: ServiceUnderTest.user))
        while progress.state == .waiting { progress = try await ask(service, "GET", "/\(progress.id)?wait=20") }
        #expect(progress.state == .done)
        #expect(progress.identity == ServiceUnderTest.user)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("as the command line shows it")
    func command() async throws {
        let service = try await start()
        let daemon = try await service.serve()
        async let finished = service.run("authorize", "anna", "--device")
        let code = try await service.authorization.pendingUserCode()
        service.authorization.approveDevice(userCode: code, as: ServiceUnderTest.user)
        let result = try await finished
        #expect(result.status == .exited(0), "\(result.errors)")
        #expect(result.text.contains(code))
        #expect(result.text.hasSuffix("anna is signed in as \(ServiceUnderTest.user)\n"))
        #expect(result.errors == "")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("and gives a new token whenever it is asked for one, or says why there is none")
    func newToken() async throws {
        let service = try await start()
        let daemon = try await service.serve()
        try await service.consent()
        let first = try await service.run("token", "anna").text
        let second = try await service.run("token", "anna", "--refresh").text
        #expect(!second.isEmpty && second != first)
        service.authorization.answerNext(.serverError)
        let failed = try await service.run("token", "anna", "--refresh")
        #expect(failed.status == .exited(75))
        #expect(failed.text.isEmpty && failed.errors.contains("HTTP 500"))
        #expect(try await service.run("token", "anna").text == second)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("and status says who does what about a refusal, on which page of which app")
    func explained() async throws {
        let service = try await start()
        try service.configure(send: "enabled: false")
        let daemon = try await service.serve()
        try await service.consent()
        service.authorization.answerNext(.refuse(EntraError(7_000_222, "invalid_client", "Expired.")), times: 9)
        #expect(try await service.run("token", "anna", "--refresh").status != .exited(0))
        let shown = try await service.run("status", "anna").text
        let app = RegisteredClient.publicClient.identifier
        for line in [
            "    AADSTS7000222", "      who acts       administrator of Postbote",
            "      what to do     Entra admin center > Applications > App registrations > the app \(app) > Certificates & "
                + "secrets: “New client secret”.",
        ] { #expect(shown.contains("\n\(line)"), "\(shown)") }
        // What happened stands in the error's own line already.
        #expect(shown.contains("The client secret has expired, so no account of this app can sign in.\n"))
        #expect(!shown.contains("what happened"))
        let json = try await service.run("status", "anna", "--json").text
        #expect(
            json.contains(
                #""explanation":{"how_to_see":"`postbote status` shows all accounts of provider test as ok"#))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("and stops although somebody waits for the owner")
    func stops() async throws {
        let service = try await start()
        let daemon = try await service.serve()
        let progress = try await begin(service)
        let waiting = try #require(SocketConversation(path: service.directory("run/postbote.sock")))
        await waiting.write(
            Array(
                "GET /v1/accounts/anna/authorize/\(progress.id)?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        // Answered after that question has been read, for one loop serves both.
        #expect(try await service.run("status").status != .exited(69))
        #expect(await daemon.stop() == .exited(0))
        _ = await waiting.readToEnd()
        await service.stop()
    }
}
