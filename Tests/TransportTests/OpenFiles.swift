import Glibc
import Testing

/// How many files this process may have open.
enum OpenFiles {
    /// Raises the limit to `count` at least, where the system allows it.
    static func allow(_ count: UInt) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur < rlim_t(count) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(count) * 2)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        try #require(limit.rlim_cur >= rlim_t(count), "this test needs \(count) open files")
    }
}
