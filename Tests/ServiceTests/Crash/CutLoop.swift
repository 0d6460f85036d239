import TestSupport
import Testing

/// "At every line": after n = 0, 1, 2, … lines of one side, until a run comes to its end without having been cut.
struct CutLoop {
    let fate: LineCutter.Fate
    let side: LineCutter.Side
    /// How many lines a run has at the least that nobody cuts.
    let atLeast: Int
    /// Which lines are tried: with POSTBOTE_LONG_TESTS all, else the first and every so manyth after it.
    let stride: Int

    init(_ fate: LineCutter.Fate, _ side: LineCutter.Side, atLeast: Int, stride: Int) {
        self.fate = fate
        self.side = side
        self.atLeast = atLeast
        self.stride = CrashLoop.isLong ? 1 : stride
    }

    /// - Parameter life: One run, cut there, and then again with nothing in its way. It returns whether it was cut.
    func run(_ life: @escaping @Sendable (LineCutter.Cut) async throws -> Bool) async throws {
        // Two at a time, which take turns: much of a run is waiting.
        try await withThrowingTaskGroup(of: Int.self) { group in
            for start in [0, stride] {
                group.addTask {
                    var line = start
                    while try await life(LineCutter.Cut(fate, after: line, of: side)) {
                        line += 2 * stride
                        guard line < 2000 else {
                            Issue.record("the run never came to its end")
                            break
                        }
                    }
                    return line
                }
            }
            for try await line in group { #expect(line + stride > atLeast, "there are fewer lines than expected") }
        }
    }
}
