/// One comparison: what is measured, and how.
protocol Benchmark: Sendable {
    /// What it is called on the command line.
    var name: String { get }
    var title: String { get }

    /// - Parameter runs: how often each side is measured, in turn.
    /// - Returns: figures and ratios, as lines.
    /// - Throws: when a side did not do its work completely: then there are no figures.
    func run(runs: Int) async throws -> Report
}

/// A result that is not what it should be.
struct WrongResult: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
