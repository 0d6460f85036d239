import TestSupport

/// What a very large message costs in memory: it is streamed, never held whole.
struct LargeMessageBenchmark: Benchmark {
    let name = "large"
    let octets: Int
    var title: String { "Peak memory with a message of \(octets / 1_000_000) MB" }

    func run(runs: Int) async throws -> Report {
        var without = Series()
        var with = Series()
        for _ in 0..<runs {
            without.add(try await peak(hasLarge: false))
            with.add(try await peak(hasLarge: true))
        }
        var report = Report()
        report.add("50 realistic messages", "\(without.text(digits: 1)) MB")
        report.add("and the large one", "\(with.text(digits: 1)) MB")
        report.add("more", "\((with.median - without.median).text(1)) MB")
        return report
    }

    private func peak(hasLarge: Bool) async throws -> Double {
        let mailbox = try await BenchmarkMailbox.start(hasLarge ? .realisticAndLarge(50, octets) : .realistic(50))
        do {
            let run = try await PostboteFetcher().run(mailbox, under: [])
            await mailbox.stop()
            return Double(run.peakMemory ?? 0) / 1024
        } catch {
            await mailbox.stop()
            throw error
        }
    }
}
