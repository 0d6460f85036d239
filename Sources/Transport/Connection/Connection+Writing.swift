import CLibcurl
import Diagnostics

extension Connection {
    /// Returns when the operating system has accepted all of `bytes`. An unfinished write leaves the connection out of
    /// step: nothing more can be written, but what the server had to say can still be read.
    /// - Parameter timeout: How long the server may accept nothing.
    /// - Throws: `Failure`, also when the server has closed the connection already: then nothing was sent;
    ///   `CancellationError` at once when the task is cancelled.
    public func write(_ bytes: [UInt8], timeout: Duration) async throws {
        precondition(writer == nil, "two writes at once on one connection")
        try Task.checkCancellation()
        try checkWritable()
        outgoing = Outgoing(bytes)
        guard try !transmit() else {
            outgoing = nil
            return
        }
        let operation = nextOperation()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                writer = Waiter(operation: operation, timeout: timeout, continuation: continuation)
                startWriteAlarm(timeout)
                watch()
            }
        } onCancel: {
            loop.queue.async { self.assumeIsolated { $0.cancelWrite(operation) } }
        }
    }

    /// Whether a write can begin now.
    /// - Throws: `Failure` when not: the connection is closed, by us or the server, or an earlier write is unfinished. What
    ///   is written then is not sent at all.
    public func checkWritable() throws {
        guard case .open(let link) = state else { throw CurlFailure.closed(operation: "write", peer: request.peer) }
        guard !isOutOfStep else { throw CurlFailure.outOfStep(peer: request.peer) }
        guard !link.ended, !link.peerHasClosed else {
            throw CurlFailure.closedByServer(operation: "write", peer: request.peer)
        }
    }

    /// Sends as much as the socket takes, at most a chunk at a time. Returns whether all of it is accepted.
    func transmit() throws -> Bool {
        guard case .open(let link) = state, var sending = outgoing.take() else { return true }
        defer { outgoing = sending }
        var turn = 0
        while !sending.isDone {
            guard turn < Limits.chunk else {
                // Others on the loop first; the socket is ready again at once.
                link.writeNeeds = .writable
                return false
            }
            var count = 0
            let code = sending.withPiece { curl_easy_send(link.easy.handle, $0.baseAddress, $0.count, &count) }
            guard code != CURLE_AGAIN else {
                link.writeNeeds = link.tls?.wanted ?? .writable
                return false
            }
            guard code == CURLE_OK else {
                isOutOfStep = true
                throw CurlFailure.lost(facts(link, code), operation: "write", peer: request.peer)
            }
            sending.advance(by: count)
            turn += count
        }
        return true
    }

    func finishWrite(_ result: Result<Void, any Error>) {
        guard let waiting = writer.take() else { return }
        if case .failure = result { isOutOfStep = true }
        outgoing = nil
        if case .open(let link) = state, let alarm = link.writeAlarm { loop.confined.alarms.clear(alarm) }
        waiting.continuation.resume(with: result)
    }

    private func cancelWrite(_ operation: UInt64) {
        guard writer?.operation == operation else { return }
        finishWrite(.failure(CancellationError()))
    }

    private func writeTimedOut() {
        guard let waiting = writer else { return }
        finishWrite(
            .failure(CurlFailure.timedOut(operation: "write", after: waiting.timeout, peer: request.peer)))
    }

    func startWriteAlarm(_ timeout: Duration) {
        guard case .open(let link) = state else { return }
        let alarms = loop.confined.alarms
        if link.writeAlarm == nil {
            link.writeAlarm = alarms.add { @Sendable [weak self] in self?.assumeIsolated { $0.writeTimedOut() } }
        }
        if let alarm = link.writeAlarm { alarms.set(alarm, after: timeout) }
    }
}
