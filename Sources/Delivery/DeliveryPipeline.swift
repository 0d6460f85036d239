import Diagnostics
import MailModel
import Store

/// Delivers the messages of one folder visit while they stream in.
///
/// Three things overlap: the network fills the next chunk, this actor writes the present one into staging, and the
/// committer syncs and publishes the batch before. Batches grow while the committer is busy, so that a fast server costs
/// fewer syncs and a slow one waits for nobody. Memory: one chunk, one open file, the rows of at most two batches.
public actor DeliveryPipeline: MessageSink {
    /// What became of the messages so far.
    public struct Outcome: Sendable {
        /// Durable in every destination, and recorded.
        public var delivered = 0
        public var octets: Int64 = 0
        /// The server answered without the message.
        public var missing = UIDSet()
    }

    private let folder: DeliveryFolder
    private let committer: BatchCommitter
    private let log: EventLog
    private let clock: any WallClock
    private let hostName: String
    private let disk = DiskQueue("postbote.delivery.stage")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { disk.asUnownedSerialExecutor() }

    private var incoming: IncomingMessage?
    private var batch = StagedBatch()
    private var committing: Task<Void, any Error>?
    private var committerIsBusy = false
    private var outcome = Outcome()
    private var isPrepared = false

    public init(folder: DeliveryFolder, store: Store, clock: any WallClock, log: EventLog, hostName: String) {
        self.folder = folder
        self.clock = clock
        self.log = log
        self.hostName = MaildirLayout.sanitised(hostName, keepingDots: true)
        committer = BatchCommitter(store: store, clock: clock)
    }

    public func take(_ pieces: [MessagePiece]) async throws {
        for piece in pieces {
            try take(piece)
            // One chunk may hold hundreds of small messages: no batch grows past its limit because they came together.
            guard batch.isFull else { continue }
            try await committing?.value
            commitBatch()
        }
        if batch.isWorthwhile, !committerIsBusy { commitBatch() }
    }

    /// Ends the visit: what arrived whole is delivered, what did not is discarded.
    public func finish() async throws -> Outcome {
        incoming?.discard()
        incoming = nil
        if !batch.isEmpty { commitBatch() }
        try await committing?.value
        return outcome
    }

    private func take(_ piece: MessagePiece) throws(Failure) {
        switch piece {
        case .begin:
            try prepare()
            incoming?.discard()
            incoming = try IncomingMessage(to: folder.destinations) { [clock, hostName] key in
                "\(clock.now.seconds).K\(key).\(hostName)"
            }
        case .bytes(let bytes):
            try incoming?.write(bytes)
        case .end(let attributes):
            guard let message = incoming else { return }
            incoming = nil
            batch.append(try message.finish(attributes))
        case .missing(let uid):
            outcome.missing.insert(uid)
        case .gone(let uid):
            log.record(.messageGone(folder.account, folder: folder.path.description, uid: uid))
        }
    }

    private func prepare() throws(Failure) {
        guard !isPrepared else { return }
        for destination in folder.destinations { try destination.maildir.prepare() }
        isPrepared = true
    }

    private func commitBatch() {
        let sealed = batch
        let previous = committing
        batch = StagedBatch()
        committerIsBusy = true
        committing = Task {
            defer { committerIsBusy = false }
            do {
                try await previous?.value
            } catch {
                // The ledger does not know these yet: they are fetched again with those of the batch that failed.
                await committer.discard(sealed)
                throw error
            }
            try await committer.commit(sealed, into: folder)
            count(sealed)
        }
    }

    private func count(_ batch: StagedBatch) {
        outcome.delivered += batch.messages.count
        outcome.octets += batch.octets
        for message in batch.messages {
            for destination in message.destinations {
                log.record(
                    .messageDelivered(
                        folder.account, folder: folder.path.description, uid: message.uid, key: message.deliveryKey,
                        octets: message.contentSize, to: destination.name))
            }
        }
    }
}
