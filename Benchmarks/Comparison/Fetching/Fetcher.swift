import TestSupport

/// A program that fetches the mailbox of a benchmark.
protocol Fetcher: Sendable {
    var name: String { get }

    /// Fetches everything into a fresh directory, which is checked and removed.
    ///
    /// - Parameter tracer: runs the program under it, see `SyncCalls`; empty when it is timed.
    func run(_ mailbox: BenchmarkMailbox, under tracer: [String]) async throws -> FetchRun
}

struct FetchRun {
    /// From the start of the program until everything is durable.
    var duration: Duration
    /// KiB, where it is known.
    var peakMemory: Int?
    /// What it wrote, removed with this value. Not between two runs: ext4 looks for a free inode among those that were
    /// removed in the last seconds, which takes a millisecond for each new file.
    let remains: TemporaryDirectory
}
