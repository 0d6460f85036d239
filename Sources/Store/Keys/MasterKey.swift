import Crypto
import Diagnostics

/// The key that everything secret in the database is sealed with.
public struct MasterKey: Sendable {
    static let octets = 32

    let key: SymmetricKey
    /// The first four octets of a hash of the key: tells which key sealed a value, and nothing about it.
    let id: [UInt8]

    /// `nil` unless `secret` has exactly 32 octets.
    public init?(_ secret: Secret) {
        guard secret.count == MasterKey.octets else { return nil }
        key = secret.withBytes { SymmetricKey(data: $0) }
        id = secret.withBytes { Array(SHA256.hash(data: Array("postbote key id\0".utf8) + $0).prefix(4)) }
    }

    /// The key as 64 hexadecimal digits, as its file holds it.
    public var text: Secret {
        key.withUnsafeBytes { bytes in Secret(Array(bytes).hexadecimal) }
    }

    /// A new key from the system's random numbers.
    static func generate() -> Secret {
        Secret(bytes: SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) })
    }
}
