import Glibc
import TestSupport

/// Starts servers as a test does, tells their process ids, and waits to be killed. The tests look what is left then.
@main
struct OrphanProbe {
    static func main() async throws {
        let dovecot = try await DovecotServer.start()
        let sink = try await SMTPSink.start()
        let sleeper = try ChildProcess("sleep", ["1000"])
        for process in [dovecot.processID ?? 0, sink.processID, sleeper.processID] { print(process) }
        print("ready")
        fflush(nil)
        try await sleeper.exit(within: .seconds(600))
    }
}
