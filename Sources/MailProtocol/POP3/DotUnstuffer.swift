import Glibc
import MailModel

/// Finds the end of a multi-line reply and takes the doubled dots out of it (RFC 1939 §3).
///
/// Only `CRLF . CRLF` is the end: a message may hold a dot between bare line feeds, and cutting it there would lose
/// the rest. Where the server ends its status lines with a bare LF too, a bare LF is its line end.
struct DotUnstuffer: Sendable {
    private enum State: Equatable {
        case lineStart
        /// The last octet was a CR, or was not.
        case inLine(afterReturn: Bool)
        /// A dot at the start of a line, which is not content.
        case dot
        /// That dot and a CR.
        case dotReturn
        case over
    }

    private let endsLinesWithLineFeed: Bool
    private var state = State.lineStart

    init(endsLinesWithLineFeed: Bool = false) { self.endsLinesWithLineFeed = endsLinesWithLineFeed }

    var isOver: Bool { state == .over }

    /// Appends the content in `piece` to `output`; gives how many octets were read, fewer than all at the end.
    mutating func push(_ piece: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Int {
        var position = 0
        while position < piece.count {
            switch state {
            case .over:
                return position
            case .lineStart where piece[position] == UInt8(ascii: "."):
                state = .dot
                position += 1
            case .lineStart:
                state = .inLine(afterReturn: false)
            case .dot where piece[position] == .carriageReturn:
                state = .dotReturn
                position += 1
            case .dot where endsLinesWithLineFeed && piece[position] == .lineFeed:
                state = .over
                position += 1
            case .dot:
                state = .inLine(afterReturn: false)
            case .dotReturn where piece[position] == .lineFeed:
                state = .over
                position += 1
            case .dotReturn:
                output.append(.carriageReturn)
                state = .inLine(afterReturn: true)
            case .inLine(let afterReturn):
                position = copyLine(piece, from: position, afterReturn, into: &output)
            }
        }
        return position
    }

    /// Copies up to the line's end, or all there is of it; gives where to go on.
    private mutating func copyLine(
        _ piece: UnsafeRawBufferPointer, from start: Int, _ afterReturn: Bool, into output: inout [UInt8]
    ) -> Int {
        var position = start
        while position < piece.count {
            guard let found = memchr(piece.baseAddress! + position, CInt(UInt8.lineFeed), piece.count - position)
            else {
                state = .inLine(afterReturn: piece[piece.count - 1] == .carriageReturn)
                position = piece.count
                break
            }
            let lineFeed = UnsafeRawPointer(found) - piece.baseAddress!
            position = lineFeed + 1
            let hasReturn = lineFeed > start ? piece[lineFeed - 1] == .carriageReturn : afterReturn
            guard hasReturn || endsLinesWithLineFeed else {
                state = .inLine(afterReturn: false)
                continue
            }
            // The run goes on over lines that do not begin with a dot.
            if position < piece.count, piece[position] != UInt8(ascii: ".") { continue }
            state = .lineStart
            break
        }
        output.append(contentsOf: piece[start..<position])
        return position
    }
}
