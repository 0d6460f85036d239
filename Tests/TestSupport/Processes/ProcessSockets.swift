import Glibc

/// The sockets of another process, as the kernel shows them (proc(5)).
public enum ProcessSockets {
    /// The TCP port that the process listens on, or `nil` when it does not.
    public static func listeningPort(of process: pid_t) -> Int? {
        sockets(of: process).first { $0.state == "0A" }?.localPort
    }

    /// How many established TCP connections the process has to a port.
    public static func connections(of process: pid_t, to port: Int) -> Int {
        sockets(of: process).count { $0.state == "01" && $0.remotePort == port }
    }

    private struct Socket {
        let localPort: Int?
        let remotePort: Int?
        /// In the kernel's numbers: 01 established, 0A listening.
        let state: Substring
    }

    private static func sockets(of process: pid_t) -> [Socket] {
        let inodes = Set(Directory.names(in: "/proc/\(process)/fd").compactMap { inode(of: $0, process) })
        guard !inodes.isEmpty, let table = try? Directory.text(of: "/proc/\(process)/net/tcp") else { return [] }
        return table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            // Local and remote address are the second and third field, the state the fourth, the inode the tenth.
            guard fields.count > 9, inodes.contains(String(fields[9])) else { return nil }
            return Socket(localPort: port(in: fields[1]), remotePort: port(in: fields[2]), state: fields[3])
        }
    }

    private static func port(in address: Substring) -> Int? {
        address.split(separator: ":").last.flatMap { Int($0, radix: 16) }
    }

    private static func inode(of descriptor: String, _ process: pid_t) -> String? {
        var target = [CChar](repeating: 0, count: 256)
        let length = readlink("/proc/\(process)/fd/\(descriptor)", &target, target.count - 1)
        guard length > 0 else { return nil }
        let text = String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard text.hasPrefix("socket:[") else { return nil }
        return String(text.dropFirst("socket:[".count).dropLast())
    }
}
