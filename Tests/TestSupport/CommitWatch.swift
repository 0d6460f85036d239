import CSQLite
import Store

/// Looks at the world just before each commit of a store: what must be durable before the rows say so.
public enum CommitWatch {
    private final class Look {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Calls `body` on the writer's queue before each commit from now on, as long as the process lives.
    public static func arm(_ store: Store, _ body: @escaping @Sendable () -> Void) async {
        await store.withWriterHandle { handle in
            // Never released: the hook lives as long as the connection, which nobody here sees end.
            let look = Unmanaged.passRetained(Look(body))
            sqlite3_commit_hook(
                handle,
                { context in
                    if let context { Unmanaged<Look>.fromOpaque(context).takeUnretainedValue().body() }
                    return 0
                }, look.toOpaque())
        }
    }
}
