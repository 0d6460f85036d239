import Dispatch
import Glibc

/// A client that writes given octets to a Unix socket and reads what comes back: it can be as rude as a test wants.
///
/// Blocking calls, on a thread of their own; two minutes of silence end it, so that a hang is a failure.
public final class SocketConversation: Sendable {
    public struct Response: Sendable {
        public var status: Int
        public var headers: [String: String]
        public var body: [UInt8]
        public var text: String { String(decoding: body, as: UTF8.self) }
    }

    private let descriptor: Int32
    private let queue = DispatchQueue(label: "conversation")

    /// `nil` when nobody answers at `path`.
    public init?(path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }

    /// Octets written before the server stopped taking them.
    @discardableResult
    public func write(_ bytes: [UInt8]) async -> Int {
        await blocking { descriptor in
            var done = 0
            while done < bytes.count {
                let written = bytes[done...].withUnsafeBytes {
                    send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { break }
                done += written
            }
            return done
        }
    }

    /// Tells the server that nothing more comes, as a client does that dies.
    public func hangUp() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Everything until the server closes.
    public func readToEnd() async -> [UInt8] {
        await blocking { descriptor in
            var result: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return result }
                result += buffer[..<count]
            }
        }
    }

    /// One answer of declared length, after which the connection may be used again; `nil` when none comes.
    public func readResponse() async -> Response? {
        await blocking { descriptor in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                if let response = Self.parse(bytes),
                    let length = response.headers["content-length"].flatMap({ Int($0) }),
                    response.body.count >= length
                {
                    return response
                }
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                bytes += buffer[..<count]
            }
        }
    }

    private func blocking<Result: Sendable>(_ body: @escaping @Sendable (Int32) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body(self.descriptor)) }
        }
    }

    /// One request on a connection of its own.
    public static func ask(
        _ path: String, _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async -> Response? {
        guard let conversation = SocketConversation(path: path) else { return nil }
        var head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        await conversation.write(Array((head + "\r\n").utf8) + (body ?? []))
        return parse(await conversation.readToEnd())
    }

    /// A response whose body ends with the connection or with its declared length.
    public static func parse(_ bytes: [UInt8]) -> Response? {
        let separator = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            return nil
        }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.drop { $0 == " " } }
            if parts.count == 2 { headers[parts[0].lowercased()] = String(parts[1]) }
        }
        return Response(status: status, headers: headers, body: Array(bytes[(end + 4)...]))
    }
}

extension SocketConversation {
    /// Writes until the other end has taken nothing for half a second; the number of octets it took.
    public func fillUntilFull() async -> Int {
        var patience = timeval(tv_sec: 0, tv_usec: 500_000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let taken = await write([UInt8](repeating: 65, count: 64 << 20))
        patience = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        return taken
    }
}
