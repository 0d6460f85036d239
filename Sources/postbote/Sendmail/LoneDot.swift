/// Ends a message at a line that holds nothing but a dot, as sendmail does without `-i`.
///
/// Pure: pieces in, what belongs to the message out. A dot at the beginning of a line is held back until what follows
/// shows whether it is the end; one that ends the file is the end too.
struct LoneDot {
    private enum Place { case lineStart, dot, dotReturn, line }

    private var place = Place.lineStart
    /// What comes after the end is not looked at.
    private(set) var hasEnded = false

    mutating func push(_ piece: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for byte in piece where !hasEnded { push(byte, &result) }
        return result
    }

    private mutating func push(_ byte: UInt8, _ result: inout [UInt8]) {
        let dot = UInt8(ascii: ".")
        let newline = UInt8(ascii: "\n")
        let carriageReturn = UInt8(ascii: "\r")
        switch (place, byte) {
        case (.lineStart, dot):
            place = .dot
            return
        case (.dot, newline), (.dotReturn, newline):
            hasEnded = true
            return
        case (.dot, carriageReturn):
            place = .dotReturn
            return
        case (.dot, _): result.append(dot)
        case (.dotReturn, _): result += [dot, carriageReturn]
        case (.lineStart, _), (.line, _): break
        }
        result.append(byte)
        place = byte == newline ? .lineStart : .line
    }
}
