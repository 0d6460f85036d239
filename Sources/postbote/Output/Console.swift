import Glibc

/// Standard output and standard error of a command.
enum Console {
    /// Writes what was asked for. Output that cannot be written is a failure: a script must not go on with half of it.
    static func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw CommandFailure(
                    .cannotWrite, "cannot write to standard output: \(String(cString: strerror(errno)))")
            }
        }
    }

    static func write(_ line: String) throws { try write(Array((line + "\n").utf8)) }

    static func write(lines: [String]) throws {
        guard !lines.isEmpty else { return }
        try write(lines.joined(separator: "\n"))
    }

    /// What is not the result goes to standard error.
    static func complain(_ lines: [String]) {
        for line in lines {
            let text = Array("postbote: \(Printable(line))\n".utf8)
            _ = text.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
        }
    }
}
