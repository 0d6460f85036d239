import Glibc

/// A listening TCP socket on loopback whose port the kernel picked, to be handed to a server.
///
/// It exists before the server does, so the port cannot be lost to anybody else, and clients that come early wait.
public final class ListeningSocket: Sendable {
    public let descriptor: Int32
    public let port: Int
    private let backlog: Int32

    public init(backlog: Int32 = 1024) throws {
        self.backlog = backlog
        // A port that bind(2) picked is given back when the socket stops listening; one that was asked for is kept. So
        // a first socket gets a port from the kernel, and holds it until the second has asked for the same.
        let first = try Self.socketOnLoopback(port: 0)
        defer { Glibc.close(first.descriptor) }
        (descriptor, port) = try Self.socketOnLoopback(port: first.port)
        try listen()
    }

    deinit { Glibc.close(descriptor) }

    /// Refuses connections from now on, and keeps the port. Connections that were not accepted yet are reset.
    public func refuse() throws {
        // On Linux this takes a listening socket back to the state after bind(2), in all processes that hold it.
        guard shutdown(descriptor, Int32(SHUT_RDWR)) == 0 || errno == ENOTCONN else { throw SystemError("shutdown") }
    }

    /// Takes connections again after `refuse()`.
    public func listen() throws {
        guard Glibc.listen(descriptor, backlog) == 0 else { throw SystemError("listen") }
    }

    private static func socketOnLoopback(port: Int) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        do {
            return (descriptor, try bindToLoopback(descriptor, port: port))
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    private static func bindToLoopback(_ descriptor: Int32, port: Int) throws -> Int {
        var yes: Int32 = 1
        guard setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemError("setsockopt")
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(descriptor, address, length) == 0 else { throw SystemError("bind") }
                guard getsockname(descriptor, address, &length) == 0 else { throw SystemError("getsockname") }
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
