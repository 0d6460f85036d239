import Glibc
import TestSupport

/// A request to the control socket of a Postbote: what `postbote fetch --wait` asks, without a process whose start would
/// be measured with it.
struct ControlRequest {
    private let socket: String
    private let target: String

    init(_ postbote: PostboteInstance, _ target: String) {
        socket = postbote.directory("run/postbote.sock")
        self.target = target
    }

    /// Posts it, and returns when the answer has come as a whole.
    ///
    /// - Throws: `WrongResult` unless the answer is 200.
    func post() async throws {
        let answer = try await Task.detached { try exchange() }.value
        guard answer.hasPrefix("HTTP/1.1 200 ") else { throw WrongResult("POST \(target): \(answer)") }
    }

    private func exchange() throws -> String {
        let descriptor = try connected()
        defer { close(descriptor) }
        let lines = ["POST \(target) HTTP/1.1", "Host: localhost", "Content-Length: 0", "Connection: close", "", ""]
        let request = Array(lines.joined(separator: "\r\n").utf8)
        guard write(descriptor, request, request.count) == request.count else { throw failed("write") }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count >= 0 else { throw failed("read") }
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += piece[..<count]
        }
    }

    private func connected() throws -> Int32 {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failed("socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard socket.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw WrongResult("\(socket) is too long for a socket: set TMPDIR to a shorter path.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        guard result == 0 else {
            defer { close(descriptor) }
            throw failed("connect")
        }
        return descriptor
    }

    private func failed(_ call: String) -> WrongResult {
        WrongResult("\(call) \(socket): \(String(cString: strerror(errno)))")
    }
}
