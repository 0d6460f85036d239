import CSQLite
import Store

/// Makes every commit of a store fail, as a disk that does not sync would; it works again after `store.recover()`.
public enum FailingCommits {
    public static func arm(_ store: Store) async {
        await store.withWriterHandle { handle in sqlite3_commit_hook(handle, { _ in 1 }, nil) }
    }
}
