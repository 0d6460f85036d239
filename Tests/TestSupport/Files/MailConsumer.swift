import Glibc
import Synchronization

/// A reader of Maildirs that takes each message and deletes it the moment it appears in `new`, so that nobody can look there
/// whether it was delivered.
public final class MailConsumer: Sendable {
    private let directories: [String]
    private let taken = Mutex<[[UInt8]]>([])
    private let watch = Mutex<UInt64?>(nil)

    /// - Parameter directories: The `new` directories, which must exist.
    public init(_ directories: [String]) throws {
        self.directories = directories
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("inotify_init1") }
        for directory in directories {
            guard inotify_add_watch(descriptor, directory, UInt32(IN_MOVED_TO) | UInt32(IN_CREATE)) >= 0 else {
                let error = SystemError("inotify_add_watch", path: directory)
                Glibc.close(descriptor)
                throw error
            }
        }
        let identity = ReadinessLoop.shared.watch(descriptor) { [weak self] in
            withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
                while read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
            }
            self?.consume()
            return self != nil
        }
        watch.withLock { $0 = identity }
    }

    deinit { if let identity = watch.withLock({ $0 }) { ReadinessLoop.shared.cancel(identity) } }

    /// Everything that was ever in `new`.
    public var messages: [[UInt8]] {
        consume()
        return taken.withLock { $0 }
    }

    private func consume() {
        taken.withLock { taken in
            for directory in directories {
                for name in Directory.names(in: directory) {
                    guard let bytes = try? Directory.bytes(of: "\(directory)/\(name)") else { continue }
                    taken.append(bytes)
                    unlink("\(directory)/\(name)")
                }
            }
        }
    }
}
