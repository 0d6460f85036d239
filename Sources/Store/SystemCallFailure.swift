import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// A system call on the state directory that failed, classified once.
enum SystemCallFailure {
    static func failure(_ call: String, _ path: String, errno code: Int32) -> Failure {
        let words = String(cString: strerror(code))
        let (retry, advice): (Failure.Retry, String) =
            switch code {
            case ENOSPC, EDQUOT:
                (
                    .later(after: nil),
                    "The disk or quota is full: free space; nothing was stored, work resumes by itself."
                )
            case EMFILE, ENFILE:
                (.later(after: nil), "Too many files are open: raise LimitNOFILE=.")
            case EIO:
                (.later(after: nil), "Look into the kernel's log for the disk.")
            case ENOENT, ENOTDIR:
                (
                    .whenReconfigured(by: .operatorOfPostbote),
                    "Make the directory, mount the disk that it is on, or set `state_directory:` to where it is."
                )
            default:
                (
                    .whenReconfigured(by: .operatorOfPostbote),
                    "Give the service's user the state directory and everything in it."
                )
            }
        return Failure(
            .daemon, retry, operation: call, reason: "\(path): \(words). \(advice)",
            place: ["file": path, "errno": String(code)], condition: .fileRefused)
    }
}
