import Diagnostics
import MailModel

extension TokenExchange {
    private static let signing = "sign as service account"

    /// Asks for a token of one user, with the key of the provider's service account (RFC 7523 §2.1).
    ///
    /// - Parameter user: whose mailbox is opened.
    func serviceAccountToken(_ provider: Provider, of user: String, scopes: [String]) async -> Outcome<TokenResponse>
    {
        await attempt(provider) {
            let account = try await serviceAccount(provider)
            // What is written in the configuration wins.
            let url = provider.tokenURL ?? account.tokenURI
            let assertion = ServiceAccountAssertion(account: account, user: user, scopes: scopes, audience: url)
            return .serviceAccount(try assertion.signed(at: clock.now), at: url)
        }
    }

    /// Read anew each time, so that a renewed file needs no reload.
    func serviceAccount(_ provider: Provider) async throws -> ServiceAccountKey {
        guard let source = provider.serviceAccountKey else {
            throw provider.misconfigured(
                TokenExchange.signing,
                "Provider \(provider.name) has no key: write key: {file: PATH}, the JSON file of the service account."
            )
        }
        let text = try await readSecret(source)
        do {
            return try ServiceAccountKey(text)
        } catch {
            throw provider.misconfigured(TokenExchange.signing, "Provider \(provider.name): \(error.reason)")
        }
    }
}
