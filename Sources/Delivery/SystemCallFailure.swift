import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// A system call on a destination that failed, classified once.
enum SystemCallFailure {
    /// `call` failed on `path` with `errno`: what it means for the folder that is being fetched.
    static func failure(_ call: String, _ path: String, errno code: Int32) -> Failure {
        let words = String(cString: strerror(code))
        let (retry, advice): (Failure.Retry, String) =
            switch code {
            case ENOSPC, EDQUOT:
                (.later(after: nil), "The disk or quota is full: free room; fetching goes on by itself.")
            case EACCES, EPERM, EROFS:
                (
                    .whenReconfigured(by: .operatorOfPostbote),
                    "Give the service's user write access to it; under systemd also name it in ReadWritePaths=."
                )
            case ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG:
                (.whenReconfigured(by: .operatorOfPostbote), "Check the destination's path.")
            default:
                (.later(after: nil), "Look at the file system; fetching is tried again.")
            }
        // A name that is too long is that of one folder.
        return Failure(
            code == ENAMETOOLONG ? .folder : .direction, retry, operation: call,
            reason: "\(path): \(words). \(advice)", place: ["path": path])
    }

    /// `call` failed on something that is only read, by an operator's order.
    static func unreadable(_ call: String, _ path: String, errno code: Int32) -> Failure {
        let words = String(cString: strerror(code))
        let advice =
            switch code {
            case EACCES, EPERM: "Give the service's user the right to read it."
            case ENOENT, ENOTDIR:
                "Check the path; the service must see it, too, despite ProtectHome= and PrivateTmp=."
            case ELOOP, EINVAL: "It is no regular file."
            default: "Look at the file system."
            }
        return Failure(
            .folder, .whenReconfigured(by: .operatorOfPostbote), operation: call,
            reason: "\(path): \(words). \(advice)",
            place: ["path": path])
    }
}
