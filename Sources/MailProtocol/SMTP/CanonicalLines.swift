import Glibc
import MailModel

/// Ends every line with CRLF, and doubles dots at the start of lines where that is wanted.
///
/// A bare LF, a bare CR and a run of CR with or without an LF behind it each end one line: `CR CR LF` is what
/// converting twice leaves behind. So no bare CR or LF comes out (RFC 5321 §2.3.8), whatever goes in.
struct CanonicalLines: Sendable {
    private let doublesDots: Bool
    private var isAtLineStart = true
    /// The last octet was a CR, which is held back until it is known whether an LF follows.
    private var holdsReturn = false

    init(doublesDots: Bool) { self.doublesDots = doublesDots }

    /// Appends the canonical form of the next piece to `output`.
    mutating func push(_ piece: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        guard var position = piece.baseAddress, piece.count > 0 else { return }
        let end = position + piece.count
        // Octets from here on are as they should be and wait to be copied in one go.
        var run = position
        var lineFeed = position - 1
        if holdsReturn { position = endReturns(from: position, to: end, &run, &output) }
        while position < end {
            if isAtLineStart, doublesDots, position.load(as: UInt8.self) == UInt8(ascii: ".") {
                output.append(from: run, to: position)
                output.append(UInt8(ascii: "."))
                run = position
            }
            isAtLineStart = false
            // Looked for again only once it is passed, so that many bare CRs do not make it quadratic.
            if lineFeed < position { lineFeed = find(.lineFeed, from: position, to: end) }
            let lineReturn = find(.carriageReturn, from: position, to: lineFeed)
            if lineReturn == lineFeed {
                guard lineFeed < end else { break }
                output.append(from: run, to: lineFeed)
                endLine(&output)
                position = lineFeed + 1
                run = position
            } else if lineReturn + 1 == lineFeed, lineFeed < end {
                isAtLineStart = true
                position = lineFeed + 1
            } else {
                output.append(from: run, to: lineReturn)
                holdsReturn = true
                position = endReturns(from: lineReturn + 1, to: end, &run, &output)
            }
        }
        output.append(from: run, to: end)
    }

    /// Ends the last line.
    mutating func finish(into output: inout [UInt8]) {
        if holdsReturn || !isAtLineStart { endLine(&output) }
    }

    private func find(_ octet: UInt8, from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawPointer {
        memchr(start, CInt(octet), end - start).map { UnsafeRawPointer($0) } ?? end
    }

    /// Ends the line whose CR is held back, once something else follows; gives where to go on.
    private mutating func endReturns(
        from start: UnsafeRawPointer, to end: UnsafeRawPointer, _ run: inout UnsafeRawPointer, _ output: inout [UInt8]
    ) -> UnsafeRawPointer {
        var position = start
        while position < end, position.load(as: UInt8.self) == .carriageReturn { position += 1 }
        if position < end {
            if position.load(as: UInt8.self) == .lineFeed { position += 1 }
            endLine(&output)
        }
        run = position
        return position
    }

    private mutating func endLine(_ output: inout [UInt8]) {
        output.append(.carriageReturn)
        output.append(.lineFeed)
        isAtLineStart = true
        holdsReturn = false
    }
}

extension [UInt8] {
    fileprivate mutating func append(from start: UnsafeRawPointer, to end: UnsafeRawPointer) {
        guard start < end else { return }
        append(contentsOf: UnsafeRawBufferPointer(start: start, count: end - start))
    }
}
