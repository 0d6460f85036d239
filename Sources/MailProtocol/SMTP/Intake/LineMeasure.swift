import Glibc
import MailModel

/// What a server must know of content: its size, its longest line, whether it needs 8 bits.
struct LineMeasure: Sendable {
    private(set) var size: Int64 = 0
    /// Octets of the longest line, without its CRLF.
    private(set) var longest = 0
    private(set) var is8Bit = false
    private var current = 0

    /// Takes the next piece of content whose lines all end in CRLF.
    mutating func push(_ piece: ArraySlice<UInt8>) {
        size += Int64(piece.count)
        if !is8Bit { is8Bit = piece.withUnsafeBufferPointer { $0.reduce(0, |) } >= 0x80 }
        piece.withUnsafeBytes { bytes in
            guard var position = bytes.baseAddress else { return }
            let end = position + bytes.count
            while position < end, let found = memchr(position, CInt(UInt8.lineFeed), end - position) {
                let lineFeed = UnsafeRawPointer(found)
                longest = max(longest, current + (lineFeed - position) - 1)
                current = 0
                position = lineFeed + 1
            }
            current += end - position
        }
    }
}
