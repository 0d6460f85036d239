import Glibc
import TestSupport
import Testing

extension ServiceUnderTest {
    /// Starts the service, which ends at `point`, or, where it does not come there, as usual after `work` was seen.
    ///
    /// - Returns: whether it was crashed.
    func crash(
        at point: CrashPoint, from signal: String? = nil, whenSeen work: (ChildProcess) async throws -> Void
    ) async throws -> Bool {
        let trace = directory("trace")
        unlink(trace)
        let daemon = try spawn(adding: point.environment(below: state, trace: trace, from: signal))
        do {
            try await work(daemon)
            await daemon.stop()
        } catch is ProcessOutput.OutputEnded {
            // It has crashed; what it printed last is of no interest.
        }
        let status = try await daemon.exit()
        guard status != .exited(0) else { return false }
        let steps = CrashTrace(trace).steps(point.kind, point.moment)
        #expect(status == .killed(signal: SIGKILL) && steps == point.number, "\(point): \(daemon.errors.text)")
        return true
    }

    /// What the service did when it was crashed last.
    var lastTrace: CrashTrace { CrashTrace(directory("trace")) }
}
