import Diagnostics

extension WallClock {
    /// Returns when `work` is done, or at the deadline: it goes on by itself then. A group of tasks would wait for all of its
    /// own.
    func wait(atMost deadline: Duration, for work: @escaping @Sendable () async -> Void) async {
        let (first, race) = AsyncStream<Void>.makeStream()
        Task {
            await work()
            race.finish()
        }
        let waiting = Task {
            try? await sleep(for: deadline)
            race.finish()
        }
        for await _ in first {}
        waiting.cancel()
    }
}
