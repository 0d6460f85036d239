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
        case failed(why: String)
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "postbote.body")
    private let resume: @Sendable () -> Void
    /// What is still to be read, where that was said: no byte more is sent, and none less is the whole body.
    private var remaining: Int64?
    private var ahead = Ahead.reading(paused: false)

    /// - Parameters:
    ///   - descriptor: Stays the caller's, who may close it at any time.
    ///   - length: What is to be read, `nil` for all there is.
    ///   - resume: Called on the loop when a paused transfer can go on.
    init(descriptor: Int32, length: Int64? = nil, loop: EventLoop, resume: @escaping @Sendable () -> Void) {
        // One of our own: a read ahead may begin after the request was given up, when the caller's number already means
        // another file. Where there is none left, the first read says so.
        self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        remaining = length
        self.loop = loop
        self.resume = resume
    }

    deinit { close(descriptor) }

    /// Why the file could not be read, if it could not.
    var trouble: String? { if case .failed(let why) = ahead { why } else { nil } }

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
        guard remaining != 0 else {
            ahead = .ended
            return
        }
        ahead = .reading(paused: false)
        let most = min(Limits.bodyPiece, Int(clamping: remaining ?? .max))
        queue.async { [descriptor, loop] in
            var bytes = [UInt8](repeating: 0, count: most)
            let count = read(descriptor, &bytes, bytes.count)
            let ahead: Ahead =
                switch count {
                case 0: .ended
                case 1...: .piece(Array(bytes[..<count]), taken: 0)
                default: .failed(why: "\(SystemError(code: errno))")
                }
            loop.queue.async { self.assumeIsolated { $0.arrived(ahead) } }
        }
    }

    private func arrived(_ next: Ahead) {
        guard case .reading(let paused) = ahead else { return }
        ahead = next
        if let wanted = remaining {
            switch next {
            case .piece(let bytes, _): remaining = wanted - Int64(bytes.count)
            case .ended: ahead = .failed(why: "it ended \(wanted) bytes early")
            case .reading, .failed: break
            }
        }
        if paused { resume() }
    }
}
