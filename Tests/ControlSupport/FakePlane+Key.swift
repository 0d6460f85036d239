import Diagnostics
import Operations

extension FakePlane {
    public func rotateMasterKey() async throws -> KeyRotationReport {
        KeyRotationReport(file: "/var/lib/postbote/postbote.key.new", awaitsCredential: true, unreadable: 2)
    }

    public func masterKey(for peer: Peer) async throws -> MasterKeyReply {
        MasterKeyReply(key: Secret(String(repeating: "0f", count: 32)))
    }
}
