import Diagnostics
import MailModel
import Operations

extension Daemon: TraceControl {
    /// A trace that somebody reads.
    struct RunningTrace {
        let tap: TraceTap
        let reader: TraceReader
        /// Ends it when its time is over.
        let timer: Task<Void, Never>
    }

    public func beginTrace(
        _ name: AccountName, for duration: Duration, by peer: Peer
    ) async throws -> (number: Int, reader: TraceReader) {
        let status = try await account(name)
        guard !isStopping else { throw Problem(.stopping, "Postbote is stopping.") }
        guard traces.count < Limits.traces else {
            throw Problem(
                .tryLater,
                "\(traces.count) traces are under way, which is all there can be. Wait until one has ended.")
        }
        let end = clock.now + duration
        let tap = taps.tap(of: name)
        let reader = tap.listen()
        lastTrace += 1
        let number = lastTrace
        let timer = Task { [clock] in
            guard (try? await clock.sleep(until: end)) != nil else { return }
            self.endTrace(number, "the time is over")
        }
        traces[number] = RunningTrace(tap: tap, reader: reader, timer: timer)
        log.record(.traceBegan(name, until: end, by: "uid \(peer.user)"))
        reader.note("trace of \(name) until \(end)")
        for (direction, status) in [("receiving", status.receive), ("sending", status.send)] {
            guard let status else { continue }
            let next = status.until.map { ", next try \($0)" } ?? ""
            let problem = status.problem.map { ": \($0.operation): \($0.reason)" } ?? ""
            reader.note("\(direction) is \(status.state.rawValue)\(next)\(problem)")
        }
        return (number, reader)
    }

    public func endTrace(_ number: Int) { endTrace(number, nil) }

    private func endTrace(_ number: Int, _ reason: String?) {
        guard let trace = traces.removeValue(forKey: number) else { return }
        trace.timer.cancel()
        trace.tap.close(trace.reader, reason)
    }

    func endTraces(_ reason: String) {
        for number in Array(traces.keys) { endTrace(number, reason) }
    }
}
