import CTestSupport
import Glibc

/// Processes that this one did not start.
public enum RunningProcess {
    /// Returns once the process has ended; at once when there is none.
    public static func ended(_ process: pid_t, within limit: Duration = Limits.wait) async throws {
        let descriptor = test_process_descriptor(process)
        guard descriptor >= 0 else { return }
        let hasEnded = Watched(false)
        let watch = ReadinessLoop.shared.watch(descriptor) {
            hasEnded.update { $0 = true }
            return false
        }
        defer { ReadinessLoop.shared.cancel(watch) }
        try await hasEnded.wait(for: "the end of process \(process)", within: limit) { $0 }
    }

    /// The processes of the session that `leader` leads (proc(5), `stat`), itself included.
    public static func session(of leader: pid_t) -> [pid_t] {
        Directory.names(in: "/proc").compactMap { pid_t($0) }.filter { process in
            guard let stat = try? Directory.text(of: "/proc/\(process)/stat"), let end = stat.lastIndex(of: ")")
            else {
                return false
            }
            // Behind the name: state, parent, process group, session.
            let fields = stat[stat.index(after: end)...].split(separator: " ")
            return fields.count > 3 && pid_t(fields[3]) == leader
        }
    }
}
