import CSQLite
import Diagnostics

/// What an SQLite call answered, and what that means to the operator.
struct SQLiteError: Error {
    /// The extended result code (https://www.sqlite.org/rescode.html).
    let code: Int32
    let message: String
    let path: String

    var primaryCode: Int32 { code & 0xff }

    /// Whether the file or its disk is in the way, and not what was asked of it: then no other write will fare better.
    var isStorageTrouble: Bool {
        switch primaryCode {
        case SQLITE_FULL, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM,
            SQLITE_NOMEM, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL, SQLITE_NOLFS:
            true
        default: false
        }
    }

    func failure(operation: String) -> Failure {
        let (retry, reason) = meaning
        return Failure(
            isStorageTrouble ? .daemon : .message, retry, operation: operation, reason: reason,
            place: ["file": path, "sqlite": String(code)], condition: isRefusedFile ? .fileRefused : nil)
    }

    private var isRefusedFile: Bool {
        [SQLITE_FULL, SQLITE_IOERR, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM].contains(primaryCode)
    }

    private var meaning: (Failure.Retry, String) {
        switch primaryCode {
        case SQLITE_FULL:
            (
                .later(after: nil),
                "The disk that holds \(path) is full. Free space there; nothing is lost and work resumes by itself."
            )
        case SQLITE_IOERR:
            (
                .later(after: nil),
                "Reading or writing \(path) failed (\(message)). Look into the kernel's log for the disk; "
                    + "nothing that was acknowledged is lost."
            )
        case SQLITE_CORRUPT:
            (
                .whenReconfigured(by: .operatorOfPostbote),
                "\(path) is damaged (\(message)). Stop Postbote, keep a copy of the file, and restore a backup."
            )
        case SQLITE_NOTADB:
            (
                .whenReconfigured(by: .operatorOfPostbote),
                "\(path) is not an SQLite database. Restore a backup, or check `state_directory:`."
            )
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL:
            (
                .later(after: nil),
                "Another program holds \(path) locked. End whatever has it open, such as a sqlite3 shell or a copy job."
            )
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
            (
                .whenReconfigured(by: .operatorOfPostbote),
                "\(path) cannot be opened for writing (\(message)). Give the service's user the file and its directory."
            )
        case SQLITE_NOMEM:
            (.later(after: nil), "There was no memory left to work on \(path).")
        default:
            (.never, "\(path): \(message). This is a defect of Postbote; please report it.")
        }
    }
}
