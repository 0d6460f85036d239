import Glibc
import Synchronization

/// The event loops of the program, one per core.
public final class EventLoops: Sendable {
    public let all: [EventLoop]
    private let taken = Atomic<Int>(0)

    /// - Parameter count: How many loops; the number of cores unless given. At least one.
    public init(count: Int? = nil) {
        let cores = count ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))
        all = (0..<max(1, cores)).map { EventLoop(label: "postbote.loop.\($0)") }
    }

    /// The loop for the next account: each in turn.
    public func next() -> EventLoop {
        all[taken.wrappingAdd(1, ordering: .relaxed).oldValue % all.count]
    }

    /// Returns when every loop has answered.
    public func ping() async {
        for loop in all { await loop.ping() }
    }
}
