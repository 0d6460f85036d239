import Diagnostics
import MailModel
import Store

/// Delivers known messages of one folder once more while they stream in: each under its own key and in a file of its own,
/// only if it is the message that the ledger means.
///
/// Their steps are those of a first delivery, so that a crash is recovered from in the same way: before the commit that
/// makes a message staged again, it is still ordered; from then on its file in staging is published.
public actor RedeliveryPipeline: MessageSink {
    /// What became of the messages so far.
    public struct Outcome: Sendable {
        /// Durable in every destination, and recorded.
        public var delivered = UIDSet()
        /// Another message stands under the UID.
        public var others = UIDSet()
        /// Exchange sent a mail of its own making in its place.
        public var stubs = UIDSet()
        /// It was not there any more.
        public var gone = UIDSet()
    }

    private let folder: DeliveryFolder
    private let wanted: [UID: LedgerRow]
    private let committer: BatchCommitter
    private let log: EventLog
    private let clock: any WallClock
    private let names: MaildirFileNames
    private let unsettled: UnsettledFiles
    private let disk = DiskQueue("postbote.delivery.again")
    public nonisolated var unownedExecutor: UnownedSerialExecutor { disk.asUnownedSerialExecutor() }

    private var incoming: IncomingMessage?
    private var batch = StagedBatch()
    private var isPrepared = false
    public private(set) var outcome = Outcome()

    /// - Parameters:
    ///   - folder: with the destinations that are to get the messages.
    ///   - wanted: the messages, each with its delivery key.
    public init(
        folder: DeliveryFolder, wanted: [LedgerRow], store: Store, clock: any WallClock, log: EventLog,
        hostName: String, unsettled: UnsettledFiles
    ) {
        self.folder = folder
        self.wanted = Dictionary(wanted.map { ($0.uid, $0) }) { first, _ in first }
        self.clock = clock
        self.log = log
        names = MaildirFileNames(mark: store.mark, hostName: hostName)
        self.unsettled = unsettled
        committer = BatchCommitter(store: store, clock: clock)
    }

    public func take(_ pieces: [MessagePiece]) async throws {
        for piece in pieces {
            switch piece {
            case .begin: try begin()
            case .bytes(let bytes): try incoming?.write(bytes)
            case .end(let attributes): try await end(attributes)
            case .missing: break
            case .gone(let uid): outcome.gone.insert(uid)
            }
        }
    }

    /// Ends the fetch: what arrived whole is delivered, what did not is discarded.
    public func finish() async throws -> Outcome {
        incoming?.discard()
        incoming = nil
        try await commitBatch()
        return outcome
    }

    private func begin() throws(Failure) {
        if !isPrepared {
            for destination in folder.destinations { try destination.maildir.prepare() }
            isPrepared = true
        }
        incoming?.discard()
        incoming = try IncomingMessage(to: folder.destinations) { [clock, names] key in
            names.name(of: key, at: clock.now)
        }
    }

    private func end(_ attributes: MessageAttributes) async throws {
        guard let message = incoming else { return }
        incoming = nil
        let staged = try message.finish(attributes)
        let uid = attributes.uid
        guard let row = wanted[uid], let key = row.deliveryKey,
            !batch.messages.contains(where: { $0.uid == uid }), !outcome.delivered.contains(uid)
        else { return message.discard() }
        if message.isExchangeStub {
            outcome.stubs.insert(uid)
            return message.discard()
        }
        // The bytes themselves say what they are: between a look at the headers and this fetch the server may have put
        // another message under the UID.
        guard !staged.traits.contradicts(row.traits) else {
            outcome.others.insert(uid)
            return message.discard()
        }
        batch.append(try Maildir.rename(staged, to: key))
        if batch.isWorthwhile { try await commitBatch() }
    }

    private func commitBatch() async throws {
        guard !batch.isEmpty else { return }
        let sealed = batch
        batch = StagedBatch()
        do {
            let rows = sealed.messages.compactMap { message in wanted[message.uid].map { ($0.id, message) } }
            for message in try await committer.redeliver(rows, into: folder) {
                outcome.delivered.insert(message.uid)
                for destination in message.destinations {
                    log.record(
                        .messageDelivered(
                            folder.account, folder: folder.path.description, uid: message.uid,
                            key: message.deliveryKey, octets: message.contentSize, to: destination.name))
                }
            }
        } catch {
            unsettled.add(sealed)
            throw error
        }
    }
}
