import Glibc

/// A secret from a file, so that it is never among the arguments, which everybody on the machine can read.
enum SecretFile {
    private static let limit = 64 << 10

    /// The content of `path`, or of standard input for `-`, without white space around it.
    static func read(_ path: String) throws -> String {
        let descriptor = path == "-" ? 0 : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(.notFound, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { if descriptor != 0 { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure(.notFound, "cannot read \(path): \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        let isBlank = { (byte: UInt8) in byte <= UInt8(ascii: " ") }
        let trimmed = Array(bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        guard !trimmed.isEmpty, bytes.count <= limit else {
            let place = path == "-" ? "standard input" : path
            throw CommandFailure(.refused, "\(place) does not hold a refresh token")
        }
        return String(decoding: trimmed, as: UTF8.self)
    }
}
