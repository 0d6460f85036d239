import Glibc

/// The address of a Unix socket: a path, or a name in the abstract namespace written with a leading `@` (unix(7)).
struct UnixAddress {
    private var address = sockaddr_un()
    private let length: socklen_t

    /// `nil` when the path does not fit into the kernel's 108 octets.
    init?(path: String) {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let isAbstract = bytes[0] == UInt8(ascii: "@")
        if isAbstract { address.sun_path.0 = 0 }
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)!
        // A path ends with NUL; an abstract name is as long as it is.
        length = socklen_t(offset + bytes.count + (isAbstract ? 0 : 1))
    }

    func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result) rethrows -> Result {
        try withUnsafePointer(to: address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, length) }
        }
    }
}
