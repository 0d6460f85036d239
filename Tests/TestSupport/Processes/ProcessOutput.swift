import Glibc

/// What a child process wrote to one of its output streams so far, and what is still to come.
public final class ProcessOutput: Sendable {
    struct State: Sendable {
        var bytes: [UInt8] = []
        /// Where each complete line ends in `bytes`, after its LF.
        var lineEnds: [Int] = []
        var ended = false

        func line(_ index: Int) -> String {
            let start = index == 0 ? 0 : lineEnds[index - 1]
            return String(decoding: bytes[start..<lineEnds[index] - 1], as: UTF8.self)
        }
    }

    let state = Watched(State())
    private let name: String

    init(name: String) { self.name = name }

    /// Everything so far.
    public var bytes: [UInt8] { state.value.bytes }
    public var text: String { String(decoding: bytes, as: UTF8.self) }
    /// All complete lines so far, without their ends.
    public var lines: [String] {
        let state = state.value
        return state.lineEnds.indices.map(state.line)
    }

    /// Returns the first line, printed already or to come, that satisfies `condition`.
    ///
    /// - Throws: `OutputEnded` when the stream ends without one, `DeadlineMissed` after `limit`.
    @discardableResult
    public func line(
        _ what: String = "a line", within limit: Duration = Limits.wait,
        where condition: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        var cursor = LineSequence.AsyncIterator(output: self, limit: limit, index: 0)
        do {
            while let line = try await cursor.next() { if condition(line) { return line } }
        } catch let missed as DeadlineMissed {
            throw DeadlineMissed(what: "\(what) on \(name), which says:\n\(tail)", limit: missed.limit)
        }
        throw OutputEnded(what: what, name: name, tail: tail)
    }

    /// Returns the first line, printed already or to come, that contains `part`.
    @discardableResult
    public func line(containing part: String, within limit: Duration = Limits.wait) async throws -> String {
        try await line("“\(part)”", within: limit) { $0.contains(part) }
    }

    /// All lines from the first on, as they come.
    public var stream: LineSequence { LineSequence(output: self) }

    /// Returns once the stream has ended: all processes that held it are gone.
    public func ended(within limit: Duration = Limits.wait) async throws {
        try await state.wait(for: "the end of \(name)", within: limit) { $0.ended }
    }

    private var tail: String { lines.suffix(30).joined(separator: "\n") }

    public struct LineSequence: AsyncSequence, Sendable {
        public typealias Element = String
        let output: ProcessOutput

        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(output: output, limit: .seconds(86400), index: 0)
        }

        public struct AsyncIterator: AsyncIteratorProtocol {
            let output: ProcessOutput
            let limit: Duration
            var index: Int

            public mutating func next() async throws -> String? {
                let wanted = index
                let line: String?? = try await output.state.wait(for: "a line", within: limit) { state in
                    if wanted < state.lineEnds.count { return .some(state.line(wanted)) }
                    return state.ended ? .some(nil) : nil
                }
                index += 1
                return line ?? nil
            }
        }
    }

    public struct OutputEnded: Error, CustomStringConvertible {
        public let what: String
        public let name: String
        public let tail: String
        public var description: String { "\(name) ended without \(what); it said:\n\(tail)" }
    }
}

extension ProcessOutput {
    /// Reads `descriptor` until its end, and closes it.
    func read(from descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        ReadinessLoop.shared.watch(descriptor) { [self] in
            readAvailable(descriptor)
        } whenEnded: { [self] in
            finish()
        }
    }

    /// Whether there may be more.
    private func readAvailable(_ descriptor: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            return count > 0 && append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private func append(_ chunk: UnsafeRawBufferPointer) -> Bool {
        let bytes = [UInt8](chunk)
        return state.update { state in
            let start = state.bytes.count
            state.bytes.append(contentsOf: bytes)
            for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
                state.lineEnds.append(start + offset + 1)
            }
            return state.bytes.count < Limits.childOutput
        }
    }

    private func finish() {
        state.update { state in
            // A last line without its end is a line too.
            if let last = state.bytes.last, last != UInt8(ascii: "\n") {
                state.bytes.append(UInt8(ascii: "\n"))
                state.lineEnds.append(state.bytes.count)
            }
            state.ended = true
        }
    }
}
