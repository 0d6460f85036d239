import Glibc

/// A message as a file that can be read again from its beginning: what comes through a pipe is copied first, into a file
/// without a name that goes away with the process.
///
/// So the message is whole before the daemon hears of it, and can be sent again when the daemon restarts meanwhile.
struct MessageFile {
    /// Octets of a message; what the control API takes.
    private static let limit: Int64 = 512 << 20

    let descriptor: Int32
    let length: Int64
    private let start: off_t

    /// The file at `path`, or standard input for `nil` and `-`.
    static func open(_ path: String?) throws -> MessageFile {
        guard let path, path != "-" else { return try MessageFile(input: 0, upToLoneDot: false) }
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(.notFound, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return try MessageFile(input: descriptor, upToLoneDot: false)
    }

    /// - Parameter upToLoneDot: a line with nothing but a dot ends the message (sendmail without `-i`).
    init(input: Int32, upToLoneDot: Bool) throws {
        var status = stat()
        guard fstat(input, &status) == 0 else {
            throw CommandFailure(.notFound, "cannot read the message: \(String(cString: strerror(errno)))")
        }
        let position = lseek(input, 0, SEEK_CUR)
        if status.st_mode & S_IFMT == S_IFREG, position >= 0, !upToLoneDot {
            self.init(descriptor: input, start: position, length: max(0, Int64(status.st_size) - Int64(position)))
        } else {
            let copy = try MessageFile.temporary()
            let length = try MessageFile.copy(input, to: copy, upToLoneDot: upToLoneDot)
            self.init(descriptor: copy, start: 0, length: length)
        }
        guard length <= MessageFile.limit else { throw MessageFile.tooLarge }
        rewind()
    }

    private init(descriptor: Int32, start: off_t, length: Int64) {
        self.descriptor = descriptor
        self.start = start
        self.length = length
    }

    /// Back to the beginning, for another try.
    func rewind() { lseek(descriptor, start, SEEK_SET) }

    private static let tooLarge = CommandFailure(.refused, "the message is larger than \(limit >> 20) MB")

    private static func temporary() throws -> Int32 {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(directory)/postbote.XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw cannotWrite("in \(directory)") }
        unlink(template)
        return descriptor
    }

    private static func copy(_ input: Int32, to output: Int32, upToLoneDot: Bool) throws -> Int64 {
        var end = LoneDot()
        var length: Int64 = 0
        var buffer = [UInt8](repeating: 0, count: 128 << 10)
        while !end.hasEnded {
            let count = read(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure(.notFound, "cannot read the message: \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { break }
            let piece = upToLoneDot ? end.push(buffer[..<count])[...] : buffer[..<count]
            try write(piece, to: output)
            length += Int64(piece.count)
            guard length <= limit else { throw tooLarge }
        }
        return length
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to output: Int32) throws {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw cannotWrite("a temporary file") }
            rest = rest.dropFirst(written)
        }
    }

    private static func cannotWrite(_ what: String) -> CommandFailure {
        CommandFailure(.cannotWrite, "cannot write \(what): \(String(cString: strerror(errno)))")
    }
}
