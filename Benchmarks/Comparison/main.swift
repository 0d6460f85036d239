import Glibc
import TestSupport

// Postbote beside its peers, in one run on one machine. What is printed are figures and ratios; the exit status says
// only whether every result was right.
do {
    let request = try BenchmarkRequest(arguments: Array(CommandLine.arguments.dropFirst()))
    for benchmark in request.benchmarks {
        say("\n\(benchmark.title)")
        say(try await benchmark.run(runs: request.runs))
    }
} catch let usage as BenchmarkRequest.Usage {
    say(usage)
    exit(64)
} catch {
    say("The benchmark failed: \(error)")
    exit(EXIT_FAILURE)
}

/// Prints a line at once, also into a pipe.
func say(_ line: some CustomStringConvertible) {
    print(line)
    fflush(nil)
}
