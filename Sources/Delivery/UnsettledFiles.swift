import MailModel
import Synchronization

/// Staged files whose commit failed, so that nobody knows whether the ledger has rows for them: they must stay until that
/// is known, and go then, or they would pile up with every turn while the state's disk is full.
public final class UnsettledFiles: Sendable {
    struct File: Hashable, Sendable {
        var path: String
        var destination: DestinationName
        var key: DeliveryKey
    }

    private let files = Mutex<[File]>([])

    public init() {}

    func add(_ batch: StagedBatch) {
        let added = batch.messages.flatMap { message in
            message.destinations.map { File(path: $0.stagedName, destination: $0.name, key: message.deliveryKey) }
        }
        files.withLock { $0 += added }
    }

    var all: [File] { files.withLock { $0 } }

    func remove(_ settled: some Sequence<File>) {
        let settled = Set(settled)
        files.withLock { $0.removeAll { settled.contains($0) } }
    }
}
