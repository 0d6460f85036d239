import TestSupport
import Testing

@Suite("The service opens mailboxes as an app") struct ApplicationServiceTests {
    private static let notDelegated = AuthorizationFault.answer(
        .json(
            [
                "error": "unauthorized_client",
                "error_description":
                    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.",
            ], status: 401))

    @Test(
        "a Workspace's, with the key of a service account; authorize prints what to allow, and says when it is missing"
    )
    func serviceAccount() async throws {
        let pair = try await ClientKeyPair.make()
        var options = AuthorizationOptions()
        options.dialect = .google
        var account = RegisteredServiceAccount(
            certificate: pair.certificate, domain: "example.test", users: [ServiceUnderTest.user])
        options.serviceAccounts = [account]
        var dovecotOptions = DovecotOptions(users: [.init(ServiceUnderTest.user)])
        dovecotOptions.signer = options.signer
        let service = try ServiceUnderTest(
            dovecot: try await DovecotServer.start(dovecotOptions),
            authorization: try await AuthorizationServer.start(options))
        account.clientID = "104329871234567890123"
        let key = account.file(key: pair.key, tokenURI: service.authorization.tokenURL)
        try service.directory.file("key.json", key, mode: 0o600)
        let path = service.directory("postbote.yaml")
        var lines = try Directory.text(of: path).split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
        lines.removeAll { line in
            ["client_id:", "token_url:", "device_url:", "authorize_url:", "scopes:"].contains { line.contains($0) }
        }
        let text = lines.joined(separator: "\n").replacing(
            "preset: generic",
            with: "preset: gmail\n    grant: service_account\n    key: {file: \(service.directory("key.json"))}")
        try service.directory.file("postbote.yaml", text, mode: 0o600)
        let checked = try await service.run("check-config")
        #expect(checked.status == .exited(0), "\(checked.errors)")
        #expect(!checked.errors.contains("not active"))
        service.authorization.answerNext(Self.notDelegated, times: 99)
        let daemon = try await service.serve()
        let early = try await service.run("doctor", "anna")
        #expect(early.status == .exited(1))
        #expect(early.text.contains("postbote authorize anna prints client ID and scope"), "\(early.text)")
        service.authorization.clearFaults()
        let allowed = try await service.run("authorize", "anna")
        #expect(allowed.status == .exited(0), "\(allowed.errors)")
        for line in [
            "   Client ID: 104329871234567890123", "   OAuth scopes: https://mail.google.com/", "anna is signed in",
        ] { #expect(allowed.text.contains("\(line)\n"), "\(allowed.text)") }
        // Dovecot takes the token of this user and of nobody else.
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(0), "\(fetched.errors)")
        service.authorization.answerNext(Self.notDelegated, times: 9)
        let refused = try await service.run("token", "anna", "--refresh")
        #expect(refused.status == .exited(1))
        #expect(refused.errors.contains("postbote authorize anna prints client ID and scope"), "\(refused.errors)")
        let status = try await service.run("status", "anna").text
        #expect(status.contains("API controls > Domain-wide delegation"), "\(status)")
        #expect(await daemon.stop() == .exited(0))
        #expect(!daemon.errors.text.contains("PRIVATE KEY"))
        await service.stop()
    }

    @Test("a tenant's, after its administrator has done what authorize prints with the ids filled in")
    func clientCredentials() async throws {
        let service = try await ServiceUnderTest.start()
        let client = RegisteredClient.confidentialClient
        let path = service.directory("postbote.yaml")
        try service.directory.file("secret", client.secrets[0].value, mode: 0o600)
        try service.directory.file(
            "postbote.yaml",
            """
            providers:
              contoso:
                preset: microsoft365
                tenant: contoso.onmicrosoft.com
                client_id: \(client.identifier)
                client_secrets:
                  - {value: {file: \(service.directory("gone"))}, expires: 2027-07-22}
                  - {value: {file: \(service.directory("secret"))}, expires: 2028-07-22}
                grant: client_credentials
                token_url: \(service.authorization.tokenURL)
                imap: {host: localhost, port: \(service.dovecot.port(.imaps)), tls: implicit}
                ca_file: \(service.authorityFile)
            accounts:
              anna:
                address: \(ServiceUnderTest.user)
                provider: contoso
                receive: {}
                send: {from: [\(ServiceUnderTest.user), sales@example.test]}
            """, mode: 0o600)
        service.authorization.answerNext(
            .refuse(EntraError(700016, "unauthorized_client", "The application was not found.")), times: 99)
        let daemon = try await service.serve()
        let early = try await service.run("doctor", "anna")
        #expect(early.status == .exited(1))
        #expect(
            early.text.contains("What the app must be allowed, with its ids filled in: postbote authorize anna."),
            "\(early.text)")
        service.authorization.clearFaults()
        let shown = try await service.run("authorize", "anna")
        #expect(shown.status == .exited(0), "\(shown.errors)")
        let consent = "   https://login.microsoftonline.com/contoso.onmicrosoft.com/v2.0/adminconsent?client_id="
        for line in [
            "\(consent)\(client.identifier)&scope=https%3A%2F%2Fps.outlook.com%2F.default&redirect_uri=http%3A%2F%2Flocalhost"
                + "&state=contoso",
            "\(consent)\(client.identifier)&scope=https%3A%2F%2Foutlook.office365.com%2F.default"
                + "&redirect_uri=http%3A%2F%2Flocalhost&state=contoso",
            "   $sp = Get-MgServicePrincipal -Filter \"appId eq '\(client.identifier)'\"",
            "   New-ServicePrincipal -AppId \(client.identifier) -ObjectId $sp.Id -DisplayName Postbote",
            "   Add-MailboxPermission -Identity \(ServiceUnderTest.user) -User $sp.Id -AccessRights FullAccess",
            "   Add-RecipientPermission -Identity sales@example.test -Trustee $sp.Id -AccessRights SendAs",
            "anna is signed in",
        ] { #expect(shown.text.contains("\n\(line)\n"), "\(shown.text)") }
        #expect(!shown.text.contains("Identity \(ServiceUnderTest.user) -Trustee"))
        // The first secret is not there: the second works, and status says so of both.
        let status = try await service.run("status", "anna").text
        #expect(
            status.contains(
                "client_secrets[0] of contoso (the secret in the file \(service.directory("gone"))): refused, ends 2027-07-22"
            ),
            "\(status)")
        #expect(
            status.contains(
                "client_secrets[1] of contoso (the secret in the file \(path.dropLast(13))secret): in use"))
        try await daemon.errors.line(containing: "EVENT=client_proof_refused")
        let device = try await service.run("authorize", "anna", "--device")
        #expect(device.status != .exited(0))
        #expect(device.errors.contains("nobody signs in for it; what its app must be allowed"), "\(device.errors)")
        #expect(await daemon.stop() == .exited(0))
        #expect(!(daemon.errors.text + status).contains(client.secrets[0].value))
        await service.stop()
    }
}
