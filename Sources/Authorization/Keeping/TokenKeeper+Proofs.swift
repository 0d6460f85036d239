import Diagnostics
import MailModel

extension TokenKeeper {
    /// The client secrets and certificates of a provider: which one is in use, and which is dead.
    public func clientProofs(of name: ProviderName) throws -> [ClientProofStatus] {
        let provider = try provider(name)
        guard provider.grant != .password else { return [] }
        return ClientProofStatus.all(of: provider, proofs[name] ?? ClientProofs(provider))
    }

    /// When the certificates end with which a provider's app proves itself, in the order of the configuration; empty where it
    /// has none.
    ///
    /// - Throws: `Failure` when one cannot be used: not readable, a key of another certificate, an encrypted or an EC key.
    public func certificateEnds(of name: ProviderName) async throws -> [Timestamp] {
        try await exchange.certificateEnds(try provider(name))
    }

    func preferredProof(of provider: Provider) -> Int { proofs[provider.name]?.preferred ?? 0 }

    /// A secret that is dead while the other one works hurts nobody yet, so that only this says it.
    func note(_ use: ClientProofs.Use, of name: ProviderName) {
        guard use.accepted != nil || !use.refused.isEmpty, let provider = try? provider(name) else { return }
        let dead = proofs[name, default: ClientProofs(provider)].note(use)
        guard let all = try? clientProofs(of: name) else { return }
        for item in dead {
            guard let failure = all[item].failure else { continue }
            log.record(.clientProofRefused(name, all[item].name, from: all[item].place, because: failure))
        }
    }
}
