import CLibcurl
import Diagnostics
import MailModel

/// Sends requests over HTTPS, each with its own timeout and limit, on multi handles apart from those of mail connections.
public actor HTTPSClient {
    public nonisolated let loop: EventLoop
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private struct Running {
        let exchange: HTTPExchange
        let multi: CurlMulti
        let continuation: CheckedContinuation<CURLcode?, Never>
    }

    private var multis: CurlMultis?
    private var running: [UInt64: Running] = [:]
    private var lastNumber: UInt64 = 0

    public init(loop: EventLoop) { self.loop = loop }

    // Kept connections are closed where they live.
    isolated deinit { multis = nil }

    /// The server's answer, whatever its status.
    /// - Throws: `Failure` when there was none, or it was longer than allowed: never with anything of the request's query,
    ///   header values or body in it; `CancellationError`.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let target = try HTTPTarget(request)
        let bundle: CABundle
        do {
            bundle = try await CABundles.shared.bundle(for: request.trust)
        } catch {
            throw error.during(request.operation)
        }
        try Task.checkCancellation()
        lastNumber += 1
        let number = lastNumber
        let exchange = try HTTPExchange(request, to: target, bundle: bundle, body: body(of: request, number))
        let multi = multis(of: loop).multi(for: bundle)
        let code = await run(exchange, number, on: multi)
        guard let code else { throw CancellationError() }
        guard code == CURLE_OK else { throw exchange.failure(code) }
        // libcurl takes a head that the server broke off for an answer.
        guard exchange.collector.isAnswered else { throw exchange.failure(CURLE_RECV_ERROR) }
        return exchange.collector.response
    }

    private func run(_ exchange: HTTPExchange, _ number: UInt64, on multi: CurlMulti) async -> CURLcode? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                running[number] = Running(exchange: exchange, multi: multi, continuation: continuation)
                exchange.body?.assumeIsolated { $0.start() }
                multi.start(exchange.easy) { [weak self] code in self?.assumeIsolated { $0.finish(number, code) } }
            }
        } onCancel: {
            loop.queue.async { self.assumeIsolated { $0.finish(number, nil) } }
        }
    }

    /// - Parameter code: How libcurl ended; `nil`: the caller gave up.
    private func finish(_ number: UInt64, _ code: CURLcode?) {
        guard let ending = running.removeValue(forKey: number) else { return }
        ending.multi.remove(ending.exchange.easy)
        ending.exchange.finish()
        ending.continuation.resume(returning: code)
    }

    private func body(of request: HTTPRequest, _ number: UInt64) -> BodyFile? {
        guard case .file(let descriptor, let length) = request.body else { return nil }
        return BodyFile(descriptor: descriptor, length: length, loop: loop) { [weak self] in
            self?.assumeIsolated { $0.resume(number) }
        }
    }

    private func resume(_ number: UInt64) {
        guard let paused = running[number] else { return }
        curl_easy_pause(paused.exchange.easy.handle, CURLPAUSE_CONT)
        paused.multi.continueSoon()
    }

    private func multis(of loop: EventLoop) -> CurlMultis {
        let multis = multis ?? loop.confined.makeMultis(keptConnections: Limits.keptHTTPSConnections)
        self.multis = multis
        return multis
    }
}

extension Failure {
    /// The same failure as it is called by who met it.
    fileprivate func during(_ operation: String) -> Failure {
        var copy = self
        copy.operation = operation
        copy.scope = .account
        return copy
    }
}
