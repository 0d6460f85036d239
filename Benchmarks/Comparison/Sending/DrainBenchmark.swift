import TestSupport

/// Draining a queue through the same submission server, with the same number of connections: Postbote and Postfix.
struct DrainBenchmark: Benchmark {
    static let connections = 4

    let name = "drain"
    let messages: Int
    var title: String {
        "Draining \(messages) queued messages of 4 KB over STARTTLS to smtp-sink, \(DrainBenchmark.connections) connections"
    }

    func run(runs: Int) async throws -> Report {
        let senders: [any QueueSender] = [PostboteSender(), PostfixSender()]
        var rates = [Series](repeating: Series(), count: senders.count)
        var syncs: [SyncCalls] = []
        for sender in senders {
            let trace = try TemporaryDirectory(prefix: "benchmark-trace")
            _ = try await measure(sender, under: SyncCalls.tracer(into: trace("summary")))
            syncs.append(try await SyncCalls.read(trace("summary")))
        }
        for _ in 0..<runs {
            for (index, sender) in senders.enumerated() {
                rates[index].add(Double(messages) / (try await measure(sender, under: [])).seconds)
            }
        }
        var report = Report()
        for (index, sender) in senders.enumerated() {
            report.add("\(sender.name), messages/s", "\(rates[index].text()), syncs with the intake: \(syncs[index])")
        }
        report.add("postbote / Postfix", rates[0].divided(by: rates[1]).text(digits: 2))
        return report
    }

    private func measure(_ sender: any QueueSender, under tracer: [String]) async throws -> Duration {
        let path = try await SubmissionPath.start()
        do {
            let duration = try await sender.run(
                messages, over: path, connections: DrainBenchmark.connections, under: tracer)
            try await path.check(messages, of: sender.name)
            await path.stop()
            return duration
        } catch {
            await path.stop()
            throw error
        }
    }
}
