/// What the command line asks for: `benchmark [--runs N] [NAME …]`.
struct BenchmarkRequest {
    var benchmarks: [any Benchmark] = BenchmarkRequest.all
    var runs = 5

    static let all: [any Benchmark] = [
        FetchBenchmark(
            name: "small", title: "Fetching 10,000 messages of 4 KB over IMAPS into a fresh Maildir",
            mailbox: .small(10_000)),
        FetchBenchmark(
            name: "realistic", title: "Fetching 2,000 realistic messages (254 MB) over IMAPS into a fresh Maildir",
            mailbox: .realistic(2_000)),
        RecoveryBenchmark(messages: 100_000),
        DrainBenchmark(messages: 2_000),
        IdleBenchmark(accounts: 500),
        LargeMessageBenchmark(octets: 200_000_000),
    ]

    init(arguments: [String]) throws {
        var names: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--runs":
                guard let count = rest.popFirst().flatMap({ Int($0) }), count > 0 else { throw Usage() }
                runs = count
            case "--help": throw Usage()
            default: names.append(argument)
            }
        }
        guard !names.isEmpty else { return }
        benchmarks = try names.map { name in
            guard let found = BenchmarkRequest.all.first(where: { $0.name == name }) else { throw Usage() }
            return found
        }
    }

    struct Usage: Error, CustomStringConvertible {
        var description: String {
            let names = BenchmarkRequest.all.map { "  \($0.name): \($0.title)" }
            return (["usage: benchmark [--runs N] [NAME …]"] + names).joined(separator: "\n")
        }
    }
}
