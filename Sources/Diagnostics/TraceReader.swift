import Synchronization

/// One trace under way, at the end of whoever reads it. Adding to it never waits.
public final class TraceReader: Sendable {
    private struct State {
        var buffer = TraceBuffer()
        var isOver = false
    }

    private let state = Mutex(State())
    private let clock: any WallClock
    private let news: AsyncStream<Void>
    private let announce: AsyncStream<Void>.Continuation

    init(clock: any WallClock) {
        self.clock = clock
        (news, announce) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// The next lines, as soon as there are some; `nil`: the trace is over, or the task was cancelled. For one task at a
    /// time.
    public func next() async -> [TraceLine]? {
        while !Task.isCancelled {
            let (lines, isOver) = state.withLock { ($0.buffer.take(at: clock.now), $0.isOver) }
            guard lines.isEmpty else { return lines }
            if isOver { return nil }
            for await _ in news { break }
        }
        return nil
    }

    /// About the trace itself.
    public func note(_ text: String) { add(TraceLine(time: clock.now, .postbote, text: text)) }

    /// Nothing more comes; what waits can still be read.
    ///
    /// - Parameter reason: the last line; `nil`: nobody is there to read it.
    public func end(_ reason: String? = nil) {
        let line = reason.map { TraceLine(time: clock.now, .postbote, text: $0) }
        state.withLock { state in
            if let line, !state.isOver { state.buffer.add(line) }
            state.isOver = true
        }
        announce.finish()
    }

    func add(_ line: TraceLine) {
        state.withLock { if !$0.isOver { $0.buffer.add(line) } }
        announce.yield()
    }
}
