import Glibc

@testable import Operations

/// A Unix datagram socket on which a test plays the journal or the service manager.
final class DatagramSocket: Sendable {
    let descriptor: Int32

    init(path: String) {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let bound = UnixAddress(path: path)!.with { bind(descriptor, $0, $1) }
        precondition(bound == 0, "bind \(path): \(String(cString: strerror(errno)))")
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// The next datagram; of an empty one with a descriptor, what is in the descriptor's file.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var control = [UInt64](repeating: 0, count: 8)
        return buffer.withUnsafeMutableBytes { space in
            control.withUnsafeMutableBytes { controlSpace in
                var vector = iovec(iov_base: space.baseAddress, iov_len: space.count)
                return withUnsafeMutablePointer(to: &vector) { vector in
                    var message = msghdr()
                    message.msg_iov = vector
                    message.msg_iovlen = 1
                    message.msg_control = controlSpace.baseAddress
                    message.msg_controllen = controlSpace.count
                    let count = recvmsg(descriptor, &message, 0)
                    guard count == 0, message.msg_controllen > 0 else { return Array(space.prefix(max(0, count))) }
                    // The descriptor follows the header of 16 octets (cmsg(3)).
                    return contents(of: controlSpace.load(fromByteOffset: 16, as: Int32.self))
                }
            }
        }
    }

    var text: String { String(decoding: receive(), as: UTF8.self) }

    private func contents(of file: Int32) -> [UInt8] {
        defer { close(file) }
        var status = stat()
        fstat(file, &status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = pread(file, &bytes, bytes.count, 0)
        return Array(bytes.prefix(max(0, count)))
    }
}
