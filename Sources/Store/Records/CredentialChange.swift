/// The result of a change that was computed from a version of the credential.
public enum CredentialChange: Hashable, Sendable {
    /// The credential's version now.
    case stored(version: Int64)
    /// The credential has changed or gone meanwhile: nothing was stored, and the result must not be used.
    case stale
}
