import Authorization
import Diagnostics
import FoundationEssentials
import MailModel
import Store
import TestSupport
import Testing

/// Secrets are planted everywhere, everything that can fail fails, and then they are searched for.
@Suite("Planted secrets")
struct MarkedSecretsTests {
    @Test("are in no event, no failure and no file")
    func nowhere() async throws {
        let clientSecret = "Planted~Cl13nt+Secret/with=odd&chars"
        let client = RegisteredClient("planted-client", secrets: [.init(clientSecret)])
        var real = try await RealProvider.start(options(client)) { provider in
            provider.clientID = client.identifier
            provider.authentication = .secret(clientSecret)
        }
        try await real.keeper.apply(real.settings)
        let refresh = real.server.consent(user: "support@contoso.de", client: client)
        var texts: Set<String> = []
        var secrets = [clientSecret, refresh]
        let name = AccountName("support")!
        texts.insert("\(try await real.keeper.importRefreshToken(Secret(refresh), for: name, real.signIn()))")
        let token = try await real.keeper.accessToken(for: real.signIn())
        texts.formUnion(["\(token)", String(reflecting: token)])
        secrets.append(token.secret.reveal())
        for fault in faults(echoing: secrets) {
            real.clock.advance(by: .seconds(4000))
            real.server.clearFaults()
            real.server.answerNext(fault)
            if let failure = await real.failure() { texts.formUnion(["\(failure)", "\(failure.fields)"]) }
            texts.insert("\(String(describing: try await real.keeper.status(of: real.signIn())))")
        }
        texts.formUnion(real.recorder.events.map { "\($0)" })
        real = try await real.restarted()
        if let failure = await real.failure() { texts.formUnion(["\(failure)", "\(failure.fields)"]) }
        texts.formUnion(real.recorder.events.map { "\($0)" })
        secrets += try await stored(real)
        await real.keeper.shutDown()
        await real.store.store.close()
        texts.formUnion(files(real.store.directory))
        search(secrets, in: texts)
        await real.server.stop()
    }

    private func options(_ client: RegisteredClient) -> (inout AuthorizationOptions) -> Void {
        { $0.clients.append(client) }
    }

    /// Servers and proxies that repeat what they were sent.
    private func faults(echoing secrets: [String]) -> [AuthorizationFault] {
        let pages = secrets.flatMap { secret in
            [
                "<html>\(secret)</html>", "{\"error\":\"invalid_grant\",\"error_description\":\"\(secret)\"}",
                "{\"error\":\"\(secret)\",\"error_codes\":[\"\(secret)\"]}",
                "{\"error\":\"x\",\"claims\":\"\(Data(secret.utf8).base64EncodedString())\"}",
                "{\"access_token\":\"\(secret)\\n\",\"expires_in\":\"\(secret)\"}",
            ]
        }
        let answers = pages.flatMap { page in
            [200, 400, 503].map { AuthorizationFault.answer(HTTPAnswer($0, body: Array(page.utf8))) }
        }
        return answers + [.half, .close, .lost, .serverError, .throttled(retryAfter: .seconds(1))]
    }

    private func stored(_ real: RealProvider) async throws -> [String] {
        let signIn = real.signIn()
        let kept = try await StoreVault(real.store.store).credential(
            CredentialKey(signIn, grant: .authorizationCode)!)
        return [kept?.grant.refreshToken?.reveal(), kept?.grant.accessToken?.secret.reveal()].compactMap { $0 }
    }

    private func files(_ directory: String) -> [String] {
        ["postbote.db", "postbote.db-wal", "postbote.key"].compactMap { name in
            guard let data = try? Data(contentsOf: URL(filePath: "\(directory)/\(name)")) else { return nil }
            // Latin-1 keeps every octet, so that a search of the text is one of the file.
            return String(data: data, encoding: .isoLatin1)
        }
    }

    private func search(_ secrets: [String], in texts: Set<String>) {
        let marked = secrets.map { MarkedSecret("a secret", $0) }
        for text in texts {
            // Latin-1, so that the octets of a file are found.
            let octets = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
            for secret in marked {
                let forms = secret.forms(in: octets)
                #expect(forms.isEmpty, "\(secret.text.prefix(40)) shows \(forms) in: \(text.prefix(300))")
            }
        }
    }
}
