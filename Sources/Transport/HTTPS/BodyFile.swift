import CLibcurl
import Dispatch
import Glibc

/// A request's body that comes from a file: read ahead of libcurl on a queue of its own, because reading may block and
/// an event loop must not.
actor BodyFile {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private enum Ahead {
        /// libcurl paused when there was nothing for it.
        case reading(paused: Bool)
        case piece([UInt8], taken: Int)
        case ended
        case failed(SystemError)
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "postbote.body")
    private let resume: @Sendable () -> Void
    private var ahead = Ahead.reading(paused: false)

    /// - Parameter resume: Called on the loop when a paused transfer can go on.
    init(descriptor: Int32, loop: EventLoop, resume: @escaping @Sendable () -> Void) {
        self.descriptor = descriptor
        self.loop = loop
        self.resume = resume
    }

    /// Why the file could not be read, if it could not.
    var error: SystemError? { if case .failed(let error) = ahead { error } else { nil } }

    func start() { readAhead() }

    /// The next bytes for libcurl: their number, 0 at the end, or one of its signals.
    func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        switch ahead {
        case .reading:
            ahead = .reading(paused: true)
            return Int(CURL_READFUNC_PAUSE)
        case .ended: return 0
        case .failed: return Int(CURL_READFUNC_ABORT)
        case .piece(let bytes, let taken):
            let count = min(buffer.count, bytes.count - taken)
            buffer.copyBytes(from: bytes[taken..<(taken + count)])
            ahead = .piece(bytes, taken: taken + count)
            if taken + count == bytes.count { readAhead() }
            return count
        }
    }

    private func readAhead() {
        ahead = .reading(paused: false)
        queue.async { [descriptor, loop] in
            var bytes = [UInt8](repeating: 0, count: Limits.bodyPiece)
            let count = read(descriptor, &bytes, bytes.count)
            let ahead: Ahead =
                switch count {
                case 0: .ended
                case 1...: .piece(Array(bytes[..<count]), taken: 0)
                default: .failed(SystemError(code: errno))
                }
            loop.queue.async { self.assumeIsolated { $0.arrived(ahead) } }
        }
    }

    private func arrived(_ next: Ahead) {
        guard case .reading(let paused) = ahead else { return }
        ahead = next
        if paused { resume() }
    }
}
