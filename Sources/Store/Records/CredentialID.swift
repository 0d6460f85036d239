import MailModel

/// A credential's own name: random, and never changed, because what it seals is bound to it.
public struct CredentialID: Hashable, Sendable, CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    public let description: String

    public init(using generator: inout some RandomNumberGenerator) {
        description = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }.hexadecimal
    }

    init?(stored: String) {
        guard stored.utf8.count == 32 else { return nil }
        description = stored
    }
}

extension CredentialID: ColumnConvertible {
    var stored: String { description }
}
