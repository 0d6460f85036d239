import MailModel
import Store

/// What became of the messages of a batch.
struct CommitResult: Sendable {
    /// A message that was known and is not delivered again.
    struct Finding: Sendable {
        enum Kind: Sendable { case recognised, revised, duplicate }
        var kind: Kind
        var uid: UID
        var key: DeliveryKey?
    }

    /// Durable in every destination.
    var delivered: [StagedMessage] = []
    var findings: [Finding] = []
    /// Still in staging.
    var held: [HeldMessage] = []
}
