import Diagnostics
import MailModel

/// How one client secret or certificate of an app registration stands, for `postbote status`. It names the secret and where it
/// comes from, never what it is.
public struct ClientProofStatus: Hashable, Sendable {
    public enum State: String, Sendable, CaseIterable {
        /// The provider accepted it last.
        case inUse = "in_use"
        /// The provider refuses it, or it cannot be used.
        case refused
        /// Not tried since the configuration was read: it is when the other one is refused.
        case spare
    }

    /// Its key in the configuration: `client_secret`, `client_secrets[1]`, `certificates[0]`.
    public var name: String
    /// Where it is read: `the systemd credential contoso-secret`.
    public var place: String
    public var state: State
    /// When it ends, as the configuration says; of a certificate `nil`.
    public var expires: Timestamp?
    /// Why it is dead.
    public var failure: Failure?
}

extension ClientProofStatus {
    /// Those of a provider, in the order of the configuration.
    static func all(of provider: Provider, _ proofs: ClientProofs) -> [ClientProofStatus] {
        switch provider.authentication {
        case .none: []
        case .secrets(let secrets):
            secrets.enumerated().map { index, secret in
                ClientProofStatus(
                    "client_secret", index, of: secrets.count, secret.value, proofs[index], expires: secret.expires)
            }
        case .certificates(let pairs):
            pairs.enumerated().map { index, pair in
                ClientProofStatus("certificate", index, of: pairs.count, pair.certificate, proofs[index])
            }
        }
    }

    private init(
        _ key: String, _ index: Int, of count: Int, _ source: SecretSource, _ state: ClientProofs.State,
        expires: Timestamp? = nil
    ) {
        name = count == 1 ? key : "\(key)s[\(index)]"
        place = source.place
        self.expires = expires
        switch state {
        case .inUse: self.state = .inUse
        case .spare: self.state = .spare
        case .refused(let failure):
            self.state = .refused
            self.failure = failure
        }
    }
}
