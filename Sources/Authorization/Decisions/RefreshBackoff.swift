import Diagnostics

/// How long to wait after the n-th temporary failure in a row.
public enum RefreshBackoff {
    static let first = Duration.seconds(10)
    static let longest = Duration.seconds(900)

    /// Doubles from 10 s to 15 minutes, give or take a quarter; never less than the server asked for.
    ///
    /// - Parameter failures: how many in a row, 1 for the first.
    public static func wait(
        afterFailures failures: Int, serverAsks: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doubled = first.inMilliseconds << min(max(failures - 1, 0), 20)
        let base = Double(min(doubled, longest.inMilliseconds))
        let own = Duration.milliseconds(Int64(base * Double.random(in: 0.75...1.25, using: &generator)))
        guard let serverAsks else { return own }
        // All who were sent away come back at the same moment otherwise.
        let late = Int64(Double(serverAsks.inMilliseconds) * Double.random(in: 0...0.1, using: &generator))
        return max(own, serverAsks + .milliseconds(late))
    }
}
