import Diagnostics
import MailModel
import Operations

extension FakePlane {
    /// A dialog of four lines, and the end.
    public func beginTrace(
        _ name: AccountName, for duration: Duration, by peer: Peer
    ) async throws -> (number: Int, reader: TraceReader) {
        _ = try await account(name)
        let tap = TraceTap(clock: FrozenClock())
        let reader = tap.listen()
        reader.note("trace of \(name) for \(duration.components.seconds) s by uid \(peer.user)")
        let channel = tap.channel("imap")
        channel.note("connecting")
        channel.client("A1 NOOP")
        channel.server("A1 OK \u{1b}[2J done")
        tap.close(reader, "the time is over")
        return (1, reader)
    }

    public func endTrace(_ number: Int) async {}

    private struct FrozenClock: WallClock {
        var now: Timestamp { .start + .milliseconds(7) }
        func sleep(until deadline: Timestamp) async throws {}
    }
}
