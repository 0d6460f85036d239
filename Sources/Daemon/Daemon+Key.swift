import Diagnostics
import MailModel
import Operations

extension Daemon: KeyControl {
    public func rotateMasterKey() async throws -> KeyRotationReport {
        let rotation = try await store.rotateMasterKey()
        log.record(.masterKeyRotated(file: rotation.path, unreadable: rotation.unreadable))
        if rotation.isForCredential { log.record(.masterKeyAwaitsCredential(file: rotation.path)) }
        return KeyRotationReport(
            file: rotation.path, awaitsCredential: rotation.isForCredential, unreadable: rotation.unreadable)
    }

    public func masterKey(for peer: Peer) async throws -> MasterKeyReply {
        log.record(.masterKeyExported(user: peer.user))
        return MasterKeyReply(key: store.masterKey)
    }
}
