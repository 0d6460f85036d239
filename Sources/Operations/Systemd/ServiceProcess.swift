import CLinux
import Glibc

/// What the daemon sets for itself before anything else runs, whoever started it.
public enum ServiceProcess {
    public static func prepare() {
        // Files are ours alone unless said otherwise: state, tokens, sockets before their mode is set.
        umask(0o077)
        // A peer that hangs up is an error of the write, not the end of the daemon.
        signal(SIGPIPE, SIG_IGN)
        // What one queue makes another one frees, so that arenas keep memory and save no waiting: 2 MB, measured.
        linux_limit_arenas(Limits.arenas)
        // No core file and no debugger of the same user: tokens are in memory.
        _ = linux_set_dumpable(0)
        // Nor Swift's own report of a crash: it shows registers and the memory they point to, and the daemon stands still
        // until it is written. What a failed precondition says is printed all the same.
        for crash in [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV] { signal(crash, SIG_DFL) }
        raiseOpenFileLimit(to: Limits.openFiles)
        // The notification socket is for this process, not for commands that secrets or destinations run.
        unsetenv("NOTIFY_SOCKET")
        unsetenv("WATCHDOG_USEC")
        unsetenv("WATCHDOG_PID")
    }

    /// To `wanted`, or as far as the hard limit lets; an already higher limit stays.
    static func raiseOpenFileLimit(to wanted: UInt) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
