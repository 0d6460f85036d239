import Crypto
import Diagnostics
import MailModel

/// A link with which the owner of a mailbox signs in by themselves: what is kept of it. Its token is in the link alone.
public struct SignInLink: Hashable, Sendable {
    /// SHA-256 of a link's token. The token is random, so that the digest tells nothing of it.
    public struct Digest: Hashable, Sendable {
        let bytes: [UInt8]

        public init(of token: Secret) { bytes = token.withBytes { Array(SHA256.hash(data: $0)) } }

        init?(bytes: [UInt8]) {
            guard bytes.count == 32 else { return nil }
            self.bytes = bytes
        }
    }

    /// Why it ended before its time.
    public enum Ending: String, Sendable, CaseIterable {
        /// The consent that it asks for is stored, through it or in another way.
        case used
        /// A newer link asks for the same consent.
        case replaced
        /// The consent was taken back here.
        case revoked
        /// Somebody else signed in with it again and again.
        case exhausted
    }

    /// How it stands at a moment.
    public enum State: Hashable, Sendable {
        /// Exits: `ended`, `expired`.
        case open
        case expired
        case ended(Ending)
    }

    public var digest: Digest
    public var account: AccountID
    /// Whose consent it asks for. The account may have another credential meanwhile: then it is of no use.
    public var credential: CredentialName
    public var created: Timestamp
    public var expires: Timestamp
    /// How often somebody else signed in with it.
    public var strangers = 0
    public var ending: Ending?

    public init(
        digest: Digest, account: AccountID, credential: CredentialName, created: Timestamp, expires: Timestamp
    ) {
        self.digest = digest
        self.account = account
        self.credential = credential
        self.created = created
        self.expires = expires
    }

    /// What was told about it stays true after it has expired.
    public func state(at now: Timestamp) -> State {
        if let ending { return .ended(ending) }
        return now < expires ? .open : .expired
    }
}
