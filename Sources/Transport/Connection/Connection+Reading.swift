import CLibcurl
import Diagnostics

extension Connection {
    /// The next bytes, 1 to 256 KB of them as they arrive; empty when the server has ended the stream.
    /// - Parameter timeout: How long to wait for the first of them. The connection stays usable afterwards.
    /// - Throws: `Failure`; `CancellationError` at once when the task is cancelled, and nothing is lost.
    public func read(timeout: Duration) async throws -> [UInt8] {
        guard let chunk = try await next(within: timeout) else {
            throw CurlFailure.timedOut(operation: "read", after: timeout, peer: request.peer)
        }
        return chunk
    }

    /// Waits until `read` would return at once, as while IDLE: `true` then, `false` when `duration` has passed first.
    public func awaitData(for duration: Duration) async throws -> Bool {
        guard let chunk = try await next(within: duration) else { return false }
        // The end of the stream is found again by the next read.
        if !chunk.isEmpty { pending = chunk }
        return true
    }

    /// `nil` when nothing came in time.
    private func next(within timeout: Duration) async throws -> [UInt8]? {
        precondition(reader == nil, "two reads at once on one connection")
        try Task.checkCancellation()
        if let chunk = pending.take() { return chunk }
        if let chunk = try receive() { return chunk }
        guard timeout > .zero else { return nil }
        let operation = nextOperation()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                reader = Waiter(operation: operation, timeout: timeout, continuation: continuation)
                startReadAlarm(timeout)
                watch()
            }
        } onCancel: {
            loop.queue.async { self.assumeIsolated { $0.cancelRead(operation) } }
        }
    }

    /// Everything that has arrived, up to a chunk; empty at the end of the stream; `nil` when there is nothing yet.
    ///
    /// The socket does not become readable for what TLS has already decrypted, so this goes on until libcurl has
    /// nothing, and every read begins here.
    func receive() throws -> [UInt8]? {
        guard case .open(let link) = state else { throw CurlFailure.closed(operation: "read", peer: request.peer) }
        guard !link.ended else { return [] }
        let scratch = loop.confined.scratch
        var filled = 0
        while filled < scratch.count {
            var count = 0
            let code = curl_easy_recv(
                link.easy.handle, scratch.baseAddress! + filled, scratch.count - filled, &count)
            if code == CURLE_AGAIN {
                link.readNeeds = link.tls?.wanted ?? .readable
                break
            }
            // What came before the failure is handed out first; the next read meets the failure again.
            guard code == CURLE_OK else {
                if filled > 0 { break }
                throw CurlFailure.lost(facts(link, code), operation: "read", peer: request.peer)
            }
            guard count > 0 else {
                link.ended = true
                return Array(scratch[..<filled])
            }
            filled += count
        }
        return filled > 0 ? Array(scratch[..<filled]) : nil
    }

    /// Goes on with what waits, after the socket became ready.
    func progress() {
        if reader != nil {
            do {
                if let chunk = try receive() { finishRead(.success(chunk)) }
            } catch { finishRead(.failure(error)) }
        }
        if let waiting = writer {
            do {
                let before = outgoing?.accepted
                if try transmit() {
                    finishWrite(.success(()))
                } else if outgoing?.accepted != before {
                    startWriteAlarm(waiting.timeout)
                }
            } catch { finishWrite(.failure(error)) }
        }
        watch()
    }

    /// Asks to be told once of what the waiting read and write need; of nothing when none waits.
    func watch() {
        guard case .open(let link) = state, let token = link.token else { return }
        var needs: Poller.Readiness = []
        if reader != nil { needs.formUnion(link.readNeeds) }
        if writer != nil { needs.formUnion(link.writeNeeds) }
        guard !needs.isEmpty else { return }
        loop.confined.poller.watch(token, for: needs, once: true)
    }

    func finishRead(_ result: Result<[UInt8]?, any Error>) {
        guard let waiting = reader.take() else { return }
        if case .open(let link) = state, let alarm = link.readAlarm { loop.confined.alarms.clear(alarm) }
        waiting.continuation.resume(with: result)
    }

    private func cancelRead(_ operation: UInt64) {
        guard reader?.operation == operation else { return }
        finishRead(.failure(CancellationError()))
    }

    private func startReadAlarm(_ timeout: Duration) {
        guard case .open(let link) = state else { return }
        let alarms = loop.confined.alarms
        if link.readAlarm == nil {
            link.readAlarm = alarms.add { @Sendable [weak self] in
                self?.assumeIsolated { $0.finishRead(.success(nil)) }
            }
        }
        if let alarm = link.readAlarm { alarms.set(alarm, after: timeout) }
    }

    func facts(_ link: Link, _ code: CURLcode) -> CurlFailure.Facts {
        CurlFailure.Facts(
            code: code, text: link.easy.errorText, verifyResult: 0,
            osError: Int32(truncatingIfNeeded: link.easy.long(CURLINFO_OS_ERRNO)), stage: .established,
            serverLine: [])
    }
}
