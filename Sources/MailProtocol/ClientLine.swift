import Diagnostics

/// Octets on their way to a server: a whole line with its CRLF, or what may be sent in one go.
///
/// What holds a credential is a `Secret` until it reaches the socket: `description`, which goes into traces and logs, shows
/// everything but that.
public struct ClientLine: Sendable, Equatable {
    private enum Content: Sendable, Equatable {
        case plain([UInt8])
        case secret(Secret, shown: String)
    }

    private let content: Content

    /// Octets without a secret, sent as they are.
    public init(octets: [UInt8]) { content = .plain(octets) }

    /// A line without a secret; CRLF is added.
    public init(_ text: String) { self.init(octets: Array(text.utf8) + ClientLine.end) }

    /// A line that ends in a secret: `command`, a space, the secret. Without a command the secret is the whole line.
    public init(command: String = "", secret: Secret) {
        let start = command.isEmpty ? [] : Array(command.utf8) + [UInt8(ascii: " ")]
        let line = secret.withBytes { start + $0 + ClientLine.end }
        content = .secret(Secret(bytes: line), shown: command.isEmpty ? "<secret>" : "\(command) <secret>")
    }

    /// Octets that hold a secret, with what may be shown instead of them.
    public init(secret: Secret, shown: String) { content = .secret(secret, shown: shown) }

    /// The octets, for the socket only.
    public func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result {
        switch content {
        case .plain(let octets): try body(octets)
        case .secret(let secret, _): try secret.withBytes(body)
        }
    }

    public var count: Int { withBytes(\.count) }

    public var isSecret: Bool {
        if case .secret = content { true } else { false }
    }

    private static let end = Array("\r\n".utf8)
}

extension ClientLine: CustomStringConvertible {
    /// The line without its CRLF, and without secrets.
    public var description: String {
        switch content {
        case .plain(let octets): octets.suffix(2) == ClientLine.end[...] ? octets.dropLast(2).text : octets[...].text
        case .secret(_, let shown): shown
        }
    }
}

extension ArraySlice<UInt8> {
    /// As UTF-8, with U+FFFD for what is not.
    var text: String { String(decoding: self, as: UTF8.self) }
}
