import MailModel

/// The first eight octets of an identity's hash: enough to look it up among those of a folder, never to say that two
/// identities are one.
public struct IdentityPrefix: Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public init(_ identity: IdentityKey) {
        rawValue = identity.bytes.withUnsafeBytes { IdentityPrefix.octets(of: $0) }
    }

    /// `nil` for an identity of other rules: it is like none that is made now.
    init?(_ identity: UnsafeRawBufferPointer) {
        guard identity.count == 33, identity[0] == IdentityKey.version else { return nil }
        rawValue = IdentityPrefix.octets(of: identity)
    }

    /// Behind the version.
    private static func octets(of identity: UnsafeRawBufferPointer) -> UInt64 {
        identity.loadUnaligned(fromByteOffset: 1, as: UInt64.self).bigEndian
    }
}
