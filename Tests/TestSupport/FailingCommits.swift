import CSQLite
import Store

/// Makes every commit of a store fail, as a disk that does not sync would; it works again after `store.recover()`.
public enum FailingCommits {
    public static func arm(_ store: Store) async {
        await store.withWriterHandle { handle in sqlite3_commit_hook(handle, { _ in 1 }, nil) }
    }

    /// The same, after `count` more that succeed.
    public static func arm(_ store: Store, after count: Int) async {
        await store.withWriterHandle { handle in
            // Never released: the hook lives as long as the connection, which nobody here sees end.
            let left = UnsafeMutablePointer<Int>.allocate(capacity: 1)
            left.initialize(to: count)
            sqlite3_commit_hook(
                handle,
                { context in
                    guard let left = context?.assumingMemoryBound(to: Int.self) else { return 1 }
                    left.pointee -= 1
                    return left.pointee < 0 ? 1 : 0
                }, left)
        }
    }
}
