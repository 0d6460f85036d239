/// The content of a message on its way in: up to `<CRLF>.<CRLF>` and nothing else (RFC 5321 §4.1.1.4), without its
/// dot-stuffing.
struct SMTPDataReader {
    private(set) var bytes: [UInt8] = []
    private(set) var violations: Set<String> = []
    private(set) var isComplete = false
    private var line: [UInt8] = []

    /// Takes one line with its LF. Memory is bounded by `limit`: what comes beyond is read and forgotten.
    mutating func receive(_ line: [UInt8], limit: Int) {
        guard line.suffix(2) == [13, 10] else {
            violations.insert("bare LF")
            append(line, limit: limit)
            return
        }
        // The line before must have ended properly, too: LF . CRLF is no end.
        let followsProperEnd = bytes.isEmpty || endsWithLine
        if line == [46, 13, 10], followsProperEnd {
            isComplete = true
            return
        }
        if line.withUnsafeBytes({ $0.offset(of: 13) }) != line.count - 2 { violations.insert("bare CR") }
        if line.withUnsafeBytes({ $0.offset(of: 0) }) != nil { violations.insert("NUL") }
        if line.count > 1000 { violations.insert("line over 1000 octets") }
        append(line, from: line.first == 46 && followsProperEnd ? 1 : 0, limit: limit)
    }

    var hasEightBit: Bool { bytes.contains { $0 > 127 } }

    /// By index: `suffix` compared with an array is the one of sequences, which goes through all octets.
    private var endsWithLine: Bool {
        bytes.count > 1 && bytes[bytes.count - 2] == 13 && bytes[bytes.count - 1] == 10
    }

    private mutating func append(_ line: [UInt8], from start: Int = 0, limit: Int) {
        // One octet over the limit is kept as the sign that there was more.
        bytes += line[start..<min(line.count, start + max(0, limit + 1 - bytes.count))]
    }
}
