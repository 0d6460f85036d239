import Synchronization

/// Where the dialogs of one account can be listened to. Nobody does, mostly, and then saying something costs one look at
/// a number.
public final class TraceTap: Sendable {
    private let readers = Mutex<[TraceReader]>([])
    private let open = Atomic(0)
    private let channels = Atomic(0)
    private let clock: any WallClock

    public init(clock: any WallClock) { self.clock = clock }

    /// Whether somebody listens.
    public var isOpen: Bool { open.load(ordering: .relaxed) > 0 }

    /// Listens from now on, until `close`.
    public func listen() -> TraceReader {
        let reader = TraceReader(clock: clock)
        readers.withLock { readers in
            readers.append(reader)
            open.store(readers.count, ordering: .relaxed)
        }
        return reader
    }

    /// - Parameter reason: the last line of the trace; `nil`: nobody is there to read it.
    public func close(_ reader: TraceReader, _ reason: String? = nil) {
        readers.withLock { readers in
            readers.removeAll { $0 === reader }
            open.store(readers.count, ordering: .relaxed)
        }
        reader.end(reason)
    }

    /// Ends all traces.
    public func closeAll(_ reason: String) {
        for reader in readers.withLock(\.self) { close(reader, reason) }
    }

    /// For a new connection or request.
    ///
    /// - Parameter cut: takes out of a line what must not be seen, whoever said it.
    public func channel(
        _ service: String, cut: @escaping @Sendable (String) -> String = { $0 }
    ) -> TraceChannel {
        let number = channels.wrappingAdd(1, ordering: .relaxed).newValue
        return TraceChannel(tap: self, service: service, connection: number, cut: cut)
    }

    fileprivate func take(_ speaker: TraceLine.Speaker, _ channel: TraceChannel, _ text: String) {
        let line = TraceLine(
            time: clock.now, speaker, service: channel.service, connection: channel.connection,
            text: text)
        for reader in readers.withLock(\.self) { reader.add(line) }
    }
}

/// One connection's, or one request's, way into the trace of its account. What it is given is put together only when
/// somebody listens.
public struct TraceChannel: Sendable {
    private let tap: TraceTap
    let service: String
    let connection: Int
    let cut: @Sendable (String) -> String

    fileprivate init(tap: TraceTap, service: String, connection: Int, cut: @escaping @Sendable (String) -> String) {
        self.tap = tap
        self.service = service
        self.connection = connection
        self.cut = cut
    }

    public var isOpen: Bool { tap.isOpen }

    /// Lines that Postbote sends, without what is secret in them.
    public func client(_ text: @autoclosure () -> String) { say(.client, text) }

    /// Lines of the server, without what belongs to a message.
    public func server(_ text: @autoclosure () -> String) { say(.server, text) }

    /// What became of it.
    public func note(_ text: @autoclosure () -> String) { say(.postbote, text) }

    private func say(_ speaker: TraceLine.Speaker, _ text: () -> String) {
        guard tap.isOpen else { return }
        // Commands that go out together are lines of their own.
        for line in cut(text()).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            tap.take(speaker, self, String(line))
        }
    }
}
