import CSQLite
import Store

#if canImport(Glibc)
    import Glibc
#endif

/// Ends the process at a commit, as a power failure or `kill -9` would: for the loop "crash at every commit".
///
/// A test spawns itself for n = 1, 2, … with this armed, opens the store again after each, and compares the end with that
/// of a run nobody interrupted; it stops at the first n that the run never reaches.
public enum CrashAfterCommits {
    public enum Moment: String, Codable, Sendable, CaseIterable {
        /// Everything was written to the transaction, nothing is durable.
        case before
        /// It is durable, and nobody was told.
        case after
    }

    /// The exit status of a process that ended here.
    public static let status: Int32 = 86

    /// Ends this process at the `count`-th commit from now on, counted from 1.
    public static func arm(_ store: Store, at count: Int, _ moment: Moment) async {
        await store.withWriterHandle { handle in
            // Lives as long as the process, which is the point.
            let countdown = UnsafeMutablePointer<Int>.allocate(capacity: 1)
            countdown.initialize(to: count)
            switch moment {
            case .before: sqlite3_commit_hook(handle, { CrashAfterCommits.tick($0) }, countdown)
            case .after: sqlite3_wal_hook(handle, { context, _, _, _ in CrashAfterCommits.tick(context) }, countdown)
            }
        }
    }

    /// Counts this process's commits from now on; read them after the work.
    public static func count(_ store: Store) async -> Counter {
        let counter = Counter()
        await store.withWriterHandle { handle in
            sqlite3_commit_hook(
                handle,
                { context in
                    context?.assumingMemoryBound(to: Int.self).pointee += 1
                    return 0
                }, counter.value)
        }
        return counter
    }

    /// How many commits there were. Read it only after the awaited writes.
    public struct Counter: @unchecked Sendable {
        // Written on the writer's queue only, and read after a write that was awaited: that orders the two.
        fileprivate let value: UnsafeMutablePointer<Int>

        fileprivate init() {
            value = .allocate(capacity: 1)
            value.initialize(to: 0)
        }

        public var commits: Int { value.pointee }
    }

    private static func tick(_ context: UnsafeMutableRawPointer?) -> Int32 {
        guard let countdown = context?.assumingMemoryBound(to: Int.self) else { return SQLITE_OK }
        countdown.pointee -= 1
        if countdown.pointee == 0 { _exit(status) }
        return SQLITE_OK
    }
}
