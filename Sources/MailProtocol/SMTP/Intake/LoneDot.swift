import MailModel

/// Looks for the line with nothing but a dot that ends a message on sendmail's standard input.
struct LoneDot: Sendable {
    private enum State {
        case lineStart, inLine
        /// A dot at the start of a line, which is held back.
        case dot
        /// That dot and so many CR, which are held back.
        case returns(Int)
    }

    private var state = State.lineStart
    private(set) var isFound = false

    /// What of `piece` belongs to the message.
    mutating func filter(_ piece: ArraySlice<UInt8>) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(piece.count + 2)
        for octet in piece {
            if octet == .lineFeed {
                if isHolding {
                    isFound = true
                    return message
                }
                message.append(octet)
                state = .lineStart
                continue
            }
            switch state {
            case .lineStart where octet == UInt8(ascii: "."):
                state = .dot
            case .dot where octet == .carriageReturn:
                state = .returns(1)
            case .returns(let count) where octet == .carriageReturn:
                state = .returns(min(count + 1, 100))
            default:
                release(into: &message)
                message.append(octet)
            }
        }
        return message
    }

    private var isHolding: Bool {
        switch state {
        case .dot, .returns: true
        case .lineStart, .inLine: false
        }
    }

    private mutating func release(into message: inout [UInt8]) {
        if isHolding { message.append(UInt8(ascii: ".")) }
        if case .returns(let count) = state {
            message += Array(repeating: .carriageReturn, count: count)
        }
        state = .inLine
    }
}
