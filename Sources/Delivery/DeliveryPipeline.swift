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
        /// Exchange sent a mail of its own making in its place.
        public var stubs = UIDSet()
        /// It was not there any more.
        public var gone = UIDSet()
        /// Known messages that came under new UIDs, and were not delivered again.
        public var known = 0
        /// Came whole; it may still be on its way into the destinations.
        public var arrived = UIDSet()
    }

    private let folder: DeliveryFolder
    private let committer: BatchCommitter
    private let log: EventLog
    private let clock: any WallClock
    private let names: MaildirFileNames
    private let disk = DiskQueue("postbote.delivery.stage")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { disk.asUnownedSerialExecutor() }

    private var incoming: IncomingMessage?
    private var batch = StagedBatch()
    private var committing: Task<Void, any Error>?
    private var committerIsBusy = false
    public private(set) var outcome = Outcome()
    /// Writing, syncing or committing failed: whoever fetches is not to blame.
    public private(set) var hasFailed = false
    private var isPrepared = false
    private let unsettled: UnsettledFiles
    /// What Exchange sent in the place of messages, still in staging until somebody says what becomes of it.
    private var stubs: [UID: StagedMessage] = [:]
    /// A stub counts as the message.
    private let takesStubs: Bool
    /// Whether these are new depends on which UIDs are still there.
    private var held: [HeldMessage] = []

    /// - Parameters:
    ///   - unsettled: where files are remembered whose commit failed.
    ///   - takesStubs: what Exchange made in the place of a message is delivered like one.
    public init(
        folder: DeliveryFolder, store: Store, clock: any WallClock, log: EventLog, hostName: String,
        unsettled: UnsettledFiles = UnsettledFiles(),
        takesStubs: Bool = false
    ) {
        self.takesStubs = takesStubs
        self.unsettled = unsettled
        self.folder = folder
        self.clock = clock
        self.log = log
        names = MaildirFileNames(mark: store.mark, hostName: hostName)
        committer = BatchCommitter(store: store, clock: clock)
    }

    public func take(_ pieces: [MessagePiece]) async throws {
        do {
            try await takeAll(pieces)
        } catch {
            hasFailed = true
            throw error
        }
    }

    private func takeAll(_ pieces: [MessagePiece]) async throws {
        for piece in pieces {
            try take(piece)
            // One chunk may hold hundreds of small messages: no batch grows past its limit because they came together.
            guard batch.isFull else { continue }
            try await committing?.value
            commitBatch()
        }
        if batch.isWorthwhile, !committerIsBusy { commitBatch() }
    }

    /// Ends the visit: what arrived whole is delivered, what did not is discarded. What is held waits for `settle`.
    public func finish() async throws -> Outcome {
        incoming?.discard()
        incoming = nil
        if !batch.isEmpty { commitBatch() }
        try await committing?.value
        return outcome
    }

    /// UIDs of known messages that messages of this visit look like; whoever fetches asks the server whether they are
    /// still there, and calls `settle`.
    public var asked: UIDSet { held.reduce(into: UIDSet()) { $0 = $0.union($1.asks) } }
    public var isHolding: Bool { !held.isEmpty }

    /// Delivers what is held and turns out to be new.
    ///
    /// - Parameter gone: those of the UIDs asked for that are not there any more.
    public func settle(gone: UIDSet) async throws -> Outcome {
        var batch = StagedBatch()
        for held in held { batch.append(held.message) }
        held = []
        guard !batch.isEmpty else { return outcome }
        do {
            note(try await committer.commit(batch, into: folder, gone: gone))
        } catch {
            hasFailed = true
            unsettled.add(batch)
            throw error
        }
        return outcome
    }

    /// The visit ended: what is held is fetched again, and nobody wants the stubs.
    public func discardRest() async {
        let dropped = held.map(\.message) + stubs.values
        held = []
        stubs = [:]
        for message in dropped { await committer.discard(message) }
    }

    /// The file that holds what Exchange sent in the place of a message, until the visit ends.
    public func stub(_ uid: UID) -> (file: String, key: DeliveryKey)? {
        stubs[uid].map { ($0.destinations[0].stagedName, $0.deliveryKey) }
    }

    private func take(_ piece: MessagePiece) throws(Failure) {
        switch piece {
        case .begin:
            try prepare()
            incoming?.discard()
            incoming = try IncomingMessage(to: folder.destinations) { [clock, names] key in
                names.name(of: key, at: clock.now)
            }
        case .bytes(let bytes):
            try incoming?.write(bytes)
        case .end(let attributes):
            guard let message = incoming else { return }
            incoming = nil
            try add(message, attributes)
        case .missing(let uid):
            outcome.missing.insert(uid)
        case .gone(let uid):
            outcome.gone.insert(uid)
            log.record(.messageGone(folder.account, folder: folder.path.description, uid: uid))
        }
    }

    private func add(_ message: IncomingMessage, _ attributes: MessageAttributes) throws(Failure) {
        let staged = try message.finish(attributes)
        // Twice in one batch, or again after it was delivered, it would be refused with all others of its batch.
        if message.isExchangeStub, !takesStubs {
            if outcome.stubs.contains(attributes.uid) { return message.discard() }
            outcome.stubs.insert(attributes.uid)
            stubs[attributes.uid] = staged
            return
        }
        guard !outcome.arrived.contains(attributes.uid) else { return message.discard() }
        outcome.arrived.insert(attributes.uid)
        batch.append(staged)
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
            do {
                note(try await committer.commit(sealed, into: folder))
            } catch {
                hasFailed = true
                unsettled.add(sealed)
                throw error
            }
        }
    }

    private func note(_ result: CommitResult) {
        held += result.held
        outcome.delivered += result.delivered.count
        outcome.octets += result.delivered.reduce(0) { $0 + $1.contentSize }
        var rest = result.delivered[...]
        while !rest.isEmpty {
            log.record(rest.prefix(Limits.messagesLoggedAtOnce).flatMap(deliveries))
            rest = rest.dropFirst(Limits.messagesLoggedAtOnce)
        }
        outcome.known += result.findings.count
        for finding in result.findings {
            log.record(
                .messageKnown(
                    folder.account, folder: folder.path.description, uid: finding.uid, key: finding.key,
                    as: finding.kind.event))
        }
    }

    private func deliveries(of message: StagedMessage) -> [Event] {
        let path = folder.path.description
        return message.destinations.map { destination in
            .messageDelivered(
                folder.account, folder: path, uid: message.uid, key: message.deliveryKey,
                octets: message.contentSize, to: destination.name)
        }
    }
}

extension CommitResult.Finding.Kind {
    fileprivate var event: Event.KnownMessage {
        switch self {
        case .recognised: .recognised
        case .revised: .revised
        case .duplicate: .duplicate
        }
    }
}
