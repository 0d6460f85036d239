import TestSupport
import Testing

@Suite("The service proves its app with a certificate") struct CertificateServiceTests {
    @Test("from files, for a person's sign-in and every refresh; renewed files need no reload")
    func files() async throws {
        let pair = try await ClientKeyPair.make()
        var options = AuthorizationOptions()
        options.clients = [
            RegisteredClient(RegisteredClient.publicClient.identifier, certificate: pair.certificate)
        ]
        var dovecotOptions = DovecotOptions(users: [.init(ServiceUnderTest.user)])
        dovecotOptions.signer = options.signer
        let service = try ServiceUnderTest(
            dovecot: try await DovecotServer.start(dovecotOptions),
            authorization: try await AuthorizationServer.start(options))
        let (certificate, key) = (service.directory("app.pem"), service.directory("app.key"))
        let id = "client_id: \(RegisteredClient.publicClient.identifier)"
        let text = try Directory.text(of: service.directory("postbote.yaml")).replacing(
            id, with: "\(id)\n    certificate: {file: \(certificate)}\n    private_key: {file: \(key)}")
        try service.directory.file("postbote.yaml", text, mode: 0o600)
        let other = try await ClientKeyPair.make()
        try service.directory.file("app.pem", pair.certificate, mode: 0o600)
        try service.directory.file("app.key", other.key, mode: 0o600)
        let checked = try await service.run("check-config")
        #expect(checked.status == .exited(0), "\(checked.errors)")
        #expect(!(checked.text + checked.errors).contains("certificate` is not active"))
        let daemon = try await service.serve()
        service.authorization.signIn(as: ServiceUnderTest.user)
        let token = service.authorization.consent(user: ServiceUnderTest.user)
        let refused = try await service.run("authorize", "anna", "--import", "-", input: token)
        #expect(refused.status == .exited(1))
        #expect(refused.errors.contains("private_key: does not belong to certificate:"), "\(refused.errors)")
        try service.directory.file("app.key", pair.key, mode: 0o600)
        let taken = try await service.run("authorize", "anna", "--import", "-", input: token)
        #expect(taken.status == .exited(0), "\(taken.errors)")
        let first = try await service.run("token", "anna").text
        #expect(try await service.run("token", "anna", "--refresh").text != first)
        #expect(await daemon.stop() == .exited(0))
        #expect(!daemon.errors.text.contains("PRIVATE KEY"))
        await service.stop()
    }
}
