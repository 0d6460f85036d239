import Glibc

/// The sockets of another process, as the kernel shows them (proc(5)).
public enum ProcessSockets {
    /// The TCP port that the process listens on, or `nil` when it does not.
    public static func listeningPort(of process: pid_t) -> Int? {
        let inodes = Set(Directory.names(in: "/proc/\(process)/fd").compactMap { inode(of: $0, process) })
        guard !inodes.isEmpty, let table = try? Directory.text(of: "/proc/\(process)/net/tcp") else { return nil }
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            // local_address is the second field, the state the fourth (0A: listening), the inode the tenth.
            guard fields.count > 9, fields[3] == "0A", inodes.contains(String(fields[9])) else { continue }
            return fields[1].split(separator: ":").last.flatMap { Int($0, radix: 16) }
        }
        return nil
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
