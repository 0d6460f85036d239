import Glibc
import TestSupport
import Testing

/// "Crash at every step": n = 1, 2, … of each kind, before it and after it, until a run comes to its end without having
/// reached step n.
struct CrashLoop {
    /// How many steps of a kind there are at the least in a run nobody interrupts: fewer, and the steps are not seen.
    let atLeast: [CrashPoint.Kind: Int]
    /// Which steps are tried: with POSTBOTE_LONG_TESTS all, else the first and every so manyth after it.
    let stride: Int

    init(_ atLeast: [CrashPoint.Kind: Int], stride: Int) {
        self.atLeast = atLeast
        self.stride = CrashLoop.isLong ? 1 : stride
    }

    static var isLong: Bool { getenv("POSTBOTE_LONG_TESTS") != nil }

    /// - Parameter life: One run, crashed at that step, started again and compared. It returns whether the step was reached.
    func run(_ life: @escaping @Sendable (CrashPoint) async throws -> Bool) async throws {
        let series = atLeast.keys.sorted { $0.rawValue < $1.rawValue }.flatMap { kind in
            CrashPoint.Moment.allCases.map { CrashPoint(kind, $0, 1) }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, first) in series.enumerated() {
                // Two at a time: much of a run is waiting.
                if index > 1 { try await group.next() }
                group.addTask { try await run(from: first, life) }
            }
            try await group.waitForAll()
        }
    }

    private func run(from first: CrashPoint, _ life: @Sendable (CrashPoint) async throws -> Bool) async throws {
        var reached = 0
        for number in Swift.stride(from: 1, through: 1000, by: stride) {
            let point = CrashPoint(first.kind, first.moment, number)
            guard try await life(point) else {
                #expect(reached + stride > atLeast[first.kind] ?? 1, "there are fewer steps than expected: \(point)")
                return
            }
            reached = number
        }
        Issue.record("the run never came to its end: \(first)")
    }
}
