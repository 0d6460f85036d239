import TestSupport

/// Fetching one full mailbox, durable: Postbote, mbsync and the bare readers in turn.
struct FetchBenchmark: Benchmark {
    let name: String
    let title: String
    let mailbox: BenchmarkMailbox.Content

    func run(runs: Int) async throws -> Report {
        let mailbox = try await BenchmarkMailbox.start(mailbox)
        do {
            let fetchers: [any Fetcher] = [
                PostboteFetcher(), MbsyncFetcher(), try await BareFetcher(),
                try await BareFetcher(publishes: true),
            ]
            let report = try await compare(fetchers, mailbox, runs: runs)
            await mailbox.stop()
            return report
        } catch {
            await mailbox.stop()
            throw error
        }
    }

    private func compare(
        _ fetchers: [any Fetcher], _ mailbox: BenchmarkMailbox, runs: Int
    ) async throws -> Report {
        var rates = [Series](repeating: Series(), count: fetchers.count)
        var peaks = Series()
        var all: [FetchRun] = []
        // The first round warms up, and counts the syncs.
        var syncs: [SyncCalls] = []
        for fetcher in fetchers {
            let trace = try TemporaryDirectory(prefix: "benchmark-trace")
            all.append(try await fetcher.run(mailbox, under: SyncCalls.tracer(into: trace("summary"))))
            syncs.append(try await SyncCalls.read(trace("summary")))
        }
        for _ in 0..<runs {
            for (index, fetcher) in fetchers.enumerated() {
                let run = try await fetcher.run(mailbox, under: [])
                rates[index].add(Double(mailbox.content.count) / run.duration.seconds)
                if let peak = run.peakMemory { peaks.add(Double(peak) / 1024) }
                all.append(run)
            }
        }
        withExtendedLifetime(all) {}
        var report = Report()
        for (index, fetcher) in fetchers.enumerated() {
            report.add("\(fetcher.name), messages/s", "\(rates[index].text()), syncs: \(syncs[index])")
        }
        report.add("postbote, peak memory", "\(peaks.text(digits: 1)) MB")
        for (index, fetcher) in fetchers.enumerated().dropFirst() {
            report.add("postbote / \(fetcher.name)", rates[0].divided(by: rates[index]).text(digits: 2))
        }
        return report
    }
}
