import Diagnostics
import Dispatch
import MailModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The directory of outgoing bodies too large for a row: one file each, named after its queue id.
final class Spool: Sendable {
    let directory: String
    private let queues: [DispatchQueue]
    private let turn = Mutex(0)
    private let open = Mutex(0)

    init(directory: String) {
        self.directory = directory
        queues = (0..<Limits.spoolQueues).map { DispatchQueue(label: "postbote.store.spool.\($0)") }
    }

    func path(of id: QueueID) -> String { directory + "/" + id.description }

    /// A queue for one file: what blocks on the disk blocks neither the caller nor the writer.
    func nextQueue() -> DispatchQueue {
        queues[
            turn.withLock { turn in
                turn = (turn + 1) % queues.count
                return turn
            }]
    }

    func take() throws(Failure) {
        let isFree = open.withLock { count in
            guard count < Limits.openBodies else { return false }
            count += 1
            return true
        }
        guard !isFree else { return }
        throw Failure(
            .daemon, .later(after: nil), operation: "spool",
            reason: "\(Limits.openBodies) messages are being written or read already. Try again in a moment.")
    }

    func giveBack() { open.withLock { $0 -= 1 } }

    /// Removes the files of messages that keep no content.
    func remove(_ ids: [QueueID]) {
        nextQueue().async { for id in ids { unlink(self.path(of: id)) } }
    }

    /// Removes files that no message in the queue has: their commit never came, or their message is done.
    func removeOrphans(known connection: Connection) throws {
        try Directory.forEachName(in: directory) { name in
            let isKnown: Bool = try connection.value(
                "SELECT EXISTS (SELECT 1 FROM messages WHERE queue_id = ? AND body_kind = 'file')", name)
            if !isKnown { unlink(directory + "/" + name) }
        }
    }
}

extension DispatchQueue {
    /// Runs `body` on this queue and returns what it returned.
    func perform<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            async { continuation.resume(with: Result { try body() }) }
        }
    }
}
