import Diagnostics
import MailModel

/// What came of telling the provider that a consent is taken back.
public enum Revocation: Hashable, Sendable {
    /// It took the consent back.
    case revoked
    /// The refresh token had ended already.
    case wasOver
    /// There was no refresh token to take back, or none that can be read any more.
    case nothing
    /// It has no endpoint for that.
    case notPossible
    /// It did not do it: the consent may go on there.
    case failed(Failure)
}

extension TokenKeeper {
    /// Takes back the consent an account was signed in with: at the provider, where that can be told (RFC 7009), and here in
    /// any case.
    ///
    /// - Returns: the accounts that were signed in with it and have to sign in again, and what the provider did.
    public func revoke(_ signIn: SignInSettings) async throws -> (accounts: [AccountName], atProvider: Revocation) {
        let (key, provider) = try delegated(signIn, operation: TokenRequest.Kind.revoke.rawValue)
        var token: Secret?
        // What is there is forgotten also when nobody can read it any more.
        if try await vault.credentialWithoutToken(key) != nil {
            token = try? await vault.credential(key)?.grant.refreshToken
        }
        // First there: a crash in between leaves a token that is refused, which says what to do.
        let revocation = await revoked(token, provider, exchange(about: key))
        try await forget(signIn)
        return (settings?.accounts(with: key) ?? [], revocation)
    }

    /// Forgets the consent and its tokens, here; the provider is not told.
    public func forget(_ signIn: SignInSettings) async throws {
        let key = try await load(signIn)
        try await vault.forget(key)
        replace(key, with: nil)
    }

    private func revoked(
        _ token: Secret?, _ given: Provider, _ exchange: TokenExchange
    ) async -> Revocation {
        guard let token else { return .nothing }
        let provider: Provider
        do {
            provider = try await exchange.located(given, for: .revoke)
        } catch {
            return .failed(TokenFailure(thrown: error, given).failure)
        }
        guard provider.revokeURL != nil else { return .notPossible }
        let (exchange, clock) = (exchange, clock)
        let tell = { @Sendable (proof: ClientProof) in
            await exchange.attempt(
                provider, { try TokenRequest.revoke(token, provider, proof) },
                read: { reply, request -> Result<Revocation, TokenFailure> in
                    if (200..<300).contains(reply.status) { return .success(.revoked) }
                    let refusal = reply.refusal(reply.json, request, provider.name, now: clock.now)
                    // Google's word; RFC 7009 §2.2 has 200 for it.
                    return refusal.error == "invalid_token" ? .success(.wasOver) : .failure(refusal)
                })
        }
        let outcome =
            provider.preset == .gmail
            ? await tell(.none)
            : await exchange.proving(provider, preferred: preferredProof(of: given), tell)
        note(outcome.proofs, of: given.name)
        switch outcome.result {
        case .success(let revocation): return revocation
        case .failure(let failure): return .failed(failure.failure)
        }
    }
}
