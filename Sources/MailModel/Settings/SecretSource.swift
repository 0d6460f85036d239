import Diagnostics

/// Where a secret of the configuration comes from; read when it is needed, so that `reload` sees a new one.
public enum SecretSource: Hashable, Sendable {
    case literal(Literal)
    case file(String)
    case environment(String)
    /// A systemd credential: a file in `$CREDENTIALS_DIRECTORY`.
    case credential(String)
    /// Standard output of a command, without its last line end.
    case command([String])

    /// A secret written into the configuration itself.
    public struct Literal: Hashable, Sendable {
        public let secret: Secret
        public init(_ secret: Secret) { self.secret = secret }
        public func hash(into hasher: inout Hasher) { secret.withBytes { hasher.combine($0) } }
    }
}

extension SecretSource {
    /// Where the secret is, in words; never what it is. Of a command only the program is named: arguments may be secret.
    public var place: String {
        switch self {
        case .literal: "the secret in the configuration"
        case .file(let path): "the secret in the file \(path)"
        case .environment(let name): "the secret in the environment variable \(name)"
        case .credential(let name): "the systemd credential \(name)"
        case .command(let words): "the secret of the command \(words.first ?? "")"
        }
    }
}
