import Diagnostics
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Lets one committer at a time rename on a file system.
///
/// A rename from one directory into another takes a lock of the whole file system (s_vfs_rename_mutex), on which the kernel
/// lets the next one spin: two committers would use up a core to be no faster than one after the other.
final class RenameTurn: Sendable {
    private static let turns = Mutex<[dev_t: RenameTurn]>([:])

    private let turn = Mutex<Void>(())

    /// Runs `renames`, all of them in or below `directory`, when nobody else renames on its file system.
    static func pass(
        _ directory: String, _ renames: () throws(Failure) -> Void
    ) throws(Failure) {
        var status = stat()
        // Where it cannot be told, the renames themselves say what is wrong.
        guard stat(directory, &status) == 0 else { return try renames() }
        let device = status.st_dev
        let turn = turns.withLock { turns in
            if let turn = turns[device] { return turn }
            let turn = RenameTurn()
            turns[device] = turn
            return turn
        }
        try turn.turn.withLock { _ throws(Failure) in try renames() }
    }

    private init() {}
}
