import Diagnostics
import MailModel
import MailProtocol
import Transport

/// Commands out, events in, over one connection: what all IMAP operations have in common.
///
/// It lives on the connection's event loop, like the mailbox it serves: a call between them is not a hop.
actor IMAPDialog {
    nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

    private let connection: Connection
    private let server: IMAPServerKind
    private let timeouts: SessionTimeouts
    private var parser: IMAPResponseParser
    private var pipeline: IMAPPipeline
    /// An operation has begun and not ended well: nobody knows what the next octets belong to.
    private(set) var isOutOfStep = false
    /// Of the open folder, as the server said last: also what comes to pass while something else is done counts.
    private var count = FolderCount(0)

    /// Messages in the open folder.
    var exists: Int { count.present }

    init(
        _ connection: Connection, parser: IMAPResponseParser, nextTag: IMAPTag, capabilities: IMAPCapabilities,
        server: IMAPServerKind, timeouts: SessionTimeouts
    ) {
        self.connection = connection
        self.server = server
        self.timeouts = timeouts
        self.parser = parser
        pipeline = IMAPPipeline(nextTag: nextTag, literals: capabilities.literals)
    }

    /// Runs `commands`, at most `window` of them under way at once, and gives everything untagged to `collector`.
    ///
    /// - Parameter timeout: for the next octets; `nil`: that of a reply.
    /// - Throws: the first refusal that `collector` does not forgive, after all replies have come: then the dialog is still in step. Anything else leaves it
    ///   out of step.
    func run<Collector: IMAPCollector>(
        _ commands: [IMAPCommand], window: Int = 16, timeout: Duration? = nil, into collector: Collector
    ) async throws -> Collector {
        isOutOfStep = true
        var run = Run(commands: commands[...], window: window)
        var collector = collector
        do {
            try await submit(&run)
            while !run.isOver {
                let chunk = try await connection.read(
                    timeout: timeout ?? timeouts.reply, during: run.operation.rawValue)
                parser.feed(chunk)
                try await drain(&run, &collector)
                try await collector.chunkEnded()
                try await submit(&run)
            }
            // All replies have come: a refusal leaves the dialog in step.
            isOutOfStep = false
            if let refusal = run.refusal { throw refusal }
            try await collector.ended()
        } catch {
            await collector.abandoned()
            throw error
        }
        return collector
    }

    private func submit(_ run: inout Run) async throws {
        var lines: [ClientLine] = []
        while run.mayBeginAnother, let command = run.rest.popFirst() {
            let (tag, own) = try pipeline.submit(command)
            run.began(command, tag)
            // No folder is open from here on until the server tells of the new one (RFC 3501 §6.3.1).
            if command.operation == .select { count = FolderCount(0) }
            lines += own
        }
        guard !lines.isEmpty else { return }
        try await connection.send(lines, timeout: timeouts.write, during: run.operation.rawValue)
    }

    private func drain(
        _ run: inout Run, _ collector: inout some IMAPCollector
    ) async throws {
        while let event = try parser.next() {
            connection.hear(event)
            switch event {
            case .untagged(.status(let reply)) where reply.status == .bye:
                // Why comes before the good-bye, often in the same piece.
                throw run.refusal ?? IMAPClassifier.failure(for: reply, during: run.operation, at: server)
            case .garbled(let line):
                if let failure = IMAPClassifier.failure(forLine: line, during: run.operation) {
                    connection.trace?.note(failure.reason)
                    throw failure
                }
            case .continuation, .tagged:
                let step = try pipeline.receive(event)
                for line in step.send {
                    try await connection.send([line], timeout: timeouts.write, during: run.operation.rawValue)
                }
                if let completion = step.completed {
                    run.complete(completion, at: server, &collector)
                }
            default:
                if case .untagged(let response) = event { count.take(response) }
                try collector.take(event)
            }
        }
    }

    /// The commands of one operation.
    private struct Run {
        var rest: ArraySlice<IMAPCommand>
        let window: Int
        /// Commands without their reply, in the order they were sent, each with its place among all.
        private(set) var underWay: [(tag: IMAPTag, operation: IMAPOperation, index: Int)] = []
        private var begun = 0
        var refusal: Failure?

        init(commands: ArraySlice<IMAPCommand>, window: Int) {
            rest = commands
            self.window = window
        }

        /// What the server is to answer next.
        var operation: IMAPOperation { underWay.first?.operation ?? .other }
        var mayBeginAnother: Bool { underWay.count < window && refusal == nil }
        var isOver: Bool { underWay.isEmpty && (rest.isEmpty || refusal != nil) }

        mutating func began(_ command: IMAPCommand, _ tag: IMAPTag) {
            underWay.append((tag, command.operation, begun))
            begun += 1
        }

        mutating func complete(
            _ completion: IMAPPipeline.Completion, at server: IMAPServerKind, _ collector: inout some IMAPCollector
        ) {
            guard let place = underWay.firstIndex(where: { $0.tag == completion.tag }) else { return }
            let index = underWay.remove(at: place).index
            collector.completed(completion.reply, at: index)
            guard completion.reply.status != .ok, refusal == nil else { return }
            let failure = IMAPClassifier.failure(for: completion.reply, during: completion.operation, at: server)
            if !collector.forgives(failure, at: index) { refusal = failure }
        }
    }
}

/// What the untagged responses of an operation are gathered into.
protocol IMAPCollector: Sendable {
    mutating func take(_ event: IMAPEvent) throws
    /// The command at `index` has ended so, well or not. What its response code says comes only here.
    mutating func completed(_ reply: IMAPReply, at index: Int)
    /// Whether the others go on, and the operation with them, although the command at `index` was refused.
    mutating func forgives(_ refusal: Failure, at index: Int) -> Bool
    /// Everything in the chunk that was read has been taken.
    mutating func chunkEnded() async throws
    /// All replies have come.
    mutating func ended() async throws
    /// The operation failed; nothing more comes.
    mutating func abandoned() async
}

extension IMAPCollector {
    mutating func completed(_ reply: IMAPReply, at index: Int) {}
    mutating func forgives(_ refusal: Failure, at index: Int) -> Bool { false }
    mutating func chunkEnded() async throws {}
    mutating func ended() async throws {}
    mutating func abandoned() async {}
}

/// For commands whose untagged responses do not matter.
struct IgnoreResponses: IMAPCollector {
    mutating func take(_ event: IMAPEvent) {}
}
