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
