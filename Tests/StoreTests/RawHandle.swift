import CSQLite
import Store
import Synchronization

/// SQLite's own handle of a store's writer, for what no method offers: faults, and looks behind the curtain.
struct RawHandle {
    let store: Store

    init(_ store: Store) { self.store = store }

    func execute(_ sql: String) async {
        await store.withWriterHandle { handle in
            let code = sqlite3_exec(handle, sql, nil, nil, nil)
            precondition(code == SQLITE_OK, String(cString: sqlite3_errmsg(handle)))
        }
    }

    func integer(_ sql: String) async throws -> Int {
        let box = Box()
        await store.withWriterHandle { handle in
            var statement: OpaquePointer?
            sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
            sqlite3_step(statement)
            let value = Int(sqlite3_column_int64(statement, 0))
            sqlite3_finalize(statement)
            box.value.withLock { $0 = value }
        }
        return box.value.withLock { $0 }
    }

    /// Makes every commit fail, as a disk that does not sync would.
    func failCommits() async {
        await store.withWriterHandle { handle in sqlite3_commit_hook(handle, { _ in 1 }, nil) }
    }

    private final class Box: Sendable {
        let value = Mutex(0)
    }
}
