import Diagnostics

/// The master key, with which secrets are sealed in the state.
public protocol KeyControl: Sendable {
    /// Seals everything with a new key, while the service goes on.
    func rotateMasterKey() async throws -> KeyRotationReport

    /// The key in use, for a backup.
    ///
    /// - Parameter peer: who asks; it goes to the journal.
    func masterKey(for peer: Peer) async throws -> MasterKeyReply
}
