import Diagnostics
import Dispatch
import MailModel
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The complete content of a message on its way into the queue: small ones in memory, large ones a durable file.
///
/// A file that no message was accepted with is removed when the last reference goes; one left by a crash at the next
/// start.
public final class QueueBody: Sendable {
    enum Content {
        case row([UInt8])
        case file(path: String, queue: DispatchQueue)
    }

    /// The message's queue id, from the beginning.
    public let id: QueueID
    public let size: Int64
    public let hash: ContentHash
    let content: Content
    private let isKept = Mutex(false)

    init(id: QueueID, size: Int64, hash: ContentHash, content: Content) {
        self.id = id
        self.size = size
        self.hash = hash
        self.content = content
    }

    /// The file belongs to a message now, or may: after a commit that failed, only the next start knows.
    func keep() { isKept.withLock { $0 = true } }

    deinit {
        guard case .file(let path, let queue) = content, !isKept.withLock({ $0 }) else { return }
        queue.async { unlink(path) }
    }
}
