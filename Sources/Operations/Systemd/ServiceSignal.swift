import Dispatch
import Glibc

/// What the service manager or the operator asks for by signal.
public enum ServiceSignal: String, Sendable, CaseIterable {
    case terminate = "SIGTERM"
    case interrupt = "SIGINT"
    case hangUp = "SIGHUP"

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .hangUp: SIGHUP
        }
    }

    /// The signals from now on, in the order they come; they no longer end the process by themselves.
    ///
    /// For one reader. Several of the same signal that were not read yet are one.
    public static func received() -> AsyncStream<ServiceSignal> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ServiceSignal.self, bufferingPolicy: .bufferingNewest(16))
        let queue = DispatchQueue(label: "postbote.signals")
        let sources = allCases.map { signal in
            Glibc.signal(signal.number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signal.number, queue: queue)
            source.setEventHandler { continuation.yield(signal) }
            source.activate()
            return Unchecked(source)
        }
        continuation.onTermination = { _ in for source in sources { source.value.cancel() } }
        return stream
    }

    /// A dispatch source is thread-safe (dispatch_source_cancel may be called from anywhere); the protocol is not marked so.
    private struct Unchecked: @unchecked Sendable {
        let value: any DispatchSourceSignal
        init(_ value: any DispatchSourceSignal) { self.value = value }
    }
}
