import Diagnostics
import MailModel

/// Listening to what an account and its servers say to each other.
public protocol TraceControl: Sendable {
    /// Begins a trace, which ends by itself after `duration`. `Problem.tryLater` while there are as many as there can be.
    ///
    /// - Parameter peer: who listens; the journal tells it.
    func beginTrace(
        _ name: AccountName, for duration: Duration, by peer: Peer
    ) async throws -> (number: Int, reader: TraceReader)

    /// Its reader is gone. Ending twice changes nothing.
    func endTrace(_ number: Int) async
}
