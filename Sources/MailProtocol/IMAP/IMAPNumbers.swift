import Diagnostics
import MailModel

/// Reads the numbers of a SEARCH response as its octets come, however long the line is: 500,000 numbers are 4 MB of
/// text and, where they have no gaps, one range.
struct IMAPNumbers: Sendable {
    private var found = UIDSet()
    /// Numbers below ones that came before: few servers send them, and sorting once at the end is never slow.
    private var disordered: [ClosedRange<UInt32>] = []
    private var count = 0
    private var number: UInt64 = 0
    private var hasDigits = false
    /// Behind `(`: `(MODSEQ 917162500)` follows the numbers (RFC 7162 §3.1.5).
    private var isOver = false

    /// Everything read so far, the last number too.
    mutating func finish(limit: Int) throws(Failure) -> UIDSet {
        try endNumber(limit: limit)
        return disordered.isEmpty ? found : UIDSet(ranges: found.ranges + disordered)
    }

    mutating func read(_ bytes: [UInt8], _ range: Range<Int>, limit: Int) throws(Failure) {
        for index in range where !isOver {
            let byte = bytes[index]
            switch byte {
            case 0x30...0x39:
                number = number * 10 + UInt64(byte - 0x30)
                hasDigits = true
                guard number <= UInt64(UInt32.max) else { throw unreadable }
            case 0x20, 0x09, 0x0D: try endNumber(limit: limit)
            case UInt8(ascii: "("):
                try endNumber(limit: limit)
                isOver = true
            default: throw unreadable
            }
        }
    }

    private mutating func endNumber(limit: Int) throws(Failure) {
        guard hasDigits else { return }
        let value = UInt32(number)
        number = 0
        hasDigits = false
        count += 1
        guard count <= limit else { throw .overLimit("SEARCH results") }
        // 0 is not a UID.
        guard value != 0 else { return }
        if let last = found.ranges.last, value <= last.upperBound {
            disordered.append(value...value)
        } else {
            found.insert(value...value)
        }
    }

    private var unreadable: Failure { .outOfStep("The server's SEARCH response is not a list of numbers.") }
}
