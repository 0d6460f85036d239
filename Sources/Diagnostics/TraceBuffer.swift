/// Lines of a trace that nobody has read yet, up to a bound: what comes while it is full is dropped and counted.
struct TraceBuffer: Sendable {
    private var lines: [TraceLine] = []
    private var dropped = 0
    private let limit: Int

    init(limit: Int = Limits.traceLines) { self.limit = limit }

    mutating func add(_ line: TraceLine) {
        if lines.count < limit { lines.append(line) } else { dropped += 1 }
    }

    /// Everything that waits, with a line that says how many were dropped behind it.
    mutating func take(at now: Timestamp) -> [TraceLine] {
        var taken: [TraceLine] = []
        swap(&taken, &lines)
        if dropped > 0 {
            let lost = dropped == 1 ? "1 line dropped" : "\(dropped) lines dropped"
            taken.append(TraceLine(time: now, .postbote, text: "… \(lost), because they were not read in time"))
        }
        dropped = 0
        return taken
    }
}
