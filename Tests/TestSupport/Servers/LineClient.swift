import Glibc
import Synchronization

/// A client without any protocol of its own: it sends what it is told and gives line after line of what comes back.
///
/// It shows what a server does without the code under test.
public final class LineClient: Sendable {
    public enum TLS: Sendable {
        case none
        case implicit
        /// After the protocol's own STARTTLS or STLS, in openssl's name for it: `imap`, `pop3`, `smtp`.
        case starttls(String)
    }

    private enum Way: Sendable {
        case socket(Int32)
        case openssl(ChildProcess)
    }

    private let way: Way
    private let output: ProcessOutput
    private let cursor: Mutex<Int>

    /// - Parameter authorityFile: What must have signed the server's certificate, for `localhost`.
    public init(port: Int, tls: TLS = .none, authorityFile: String? = nil) async throws {
        cursor = Mutex(0)
        if case .none = tls {
            let descriptor = try Self.connect(to: port)
            way = .socket(descriptor)
            output = ProcessOutput(name: "connection to port \(port)")
            output.read(from: dup(descriptor))
            return
        }
        var arguments = ["s_client", "-quiet", "-connect", "127.0.0.1:\(port)", "-servername", "localhost"]
        arguments += [
            "-verify_hostname", "localhost", "-verify_return_error", "-CAfile", authorityFile ?? "/dev/null",
        ]
        if case .starttls(let name) = tls { arguments += ["-starttls", name] }
        var options = ChildProcess.Options()
        options.hasInput = true
        let child = try ChildProcess("openssl", arguments, options: options)
        way = .openssl(child)
        output = child.output
    }

    deinit { if case .socket(let descriptor) = way { Glibc.close(descriptor) } }

    /// Sends a line and its CRLF.
    public func send(_ line: String) throws { try send(bytes: Array((line + "\r\n").utf8)) }

    public func send(bytes: [UInt8]) throws {
        guard case .socket(let descriptor) = way else {
            if case .openssl(let child) = way { try child.write(bytes) }
            return
        }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                let limit = Limits.wait
                guard poll(&ready, 1, Int32(limit.components.seconds * 1000)) != 0 else {
                    throw DeadlineMissed(what: "the server to take \(bytes.count) octets", limit: limit)
                }
                continue
            }
            guard count > 0 else { throw SystemError("send") }
            done += count
        }
    }

    /// The next line without its end, or `nil` when the server closed.
    public func line(within limit: Duration = Limits.wait) async throws -> String? {
        let index = cursor.withLock { cursor in
            cursor += 1
            return cursor - 1
        }
        var lines = ProcessOutput.LineSequence.AsyncIterator(output: output, limit: limit, index: index)
        guard let line = try await lines.next() else { return nil }
        return line.last == "\r" ? String(line.dropLast()) : line
    }

    /// The next `count` octets after the lines that were read, fewer when the server closes before. No line can be read
    /// afterwards.
    public func octets(_ count: Int, within limit: Duration = Limits.wait) async throws -> [UInt8] {
        let read = cursor.withLock { $0 }
        return try await output.state.wait(for: "\(count) octets", within: limit) { state in
            let start = read == 0 ? 0 : state.lineEnds[read - 1]
            guard state.ended || state.bytes.count - start >= count else { return nil }
            return Array(state.bytes[start...].prefix(count))
        }
    }

    /// Reads up to the first line that begins with `prefix`, and returns it.
    ///
    /// - Throws: `Closed` with all lines read when the server closes before.
    @discardableResult
    public func line(beginning prefix: String, within limit: Duration = Limits.wait) async throws -> String {
        var seen: [String] = []
        while let line = try await line(within: limit) {
            if line.hasPrefix(prefix) { return line }
            seen.append(line)
        }
        throw Closed(wanted: prefix, seen: seen)
    }

    /// Sends a line, and returns the first line of the answer that begins with `prefix`.
    @discardableResult
    public func ask(_ line: String, until prefix: String) async throws -> String {
        try send(line)
        return try await self.line(beginning: prefix)
    }

    /// Closes the connection.
    public func close() async {
        switch way {
        case .socket(let descriptor): shutdown(descriptor, Int32(SHUT_RDWR))
        case .openssl(let child): await child.stop()
        }
    }

    public struct Closed: Error, CustomStringConvertible {
        public let wanted: String
        public let seen: [String]
        public var description: String {
            "the server closed before a line beginning “\(wanted)”, after:\n\(seen.joined(separator: "\n"))"
        }
    }

    private static func connect(to port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else {
            let error = SystemError("connect", path: "127.0.0.1:\(port)")
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }
}
