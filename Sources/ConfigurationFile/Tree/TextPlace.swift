/// A line and a column, counted as the YAML scanner counts them.
struct TextPlace {
    private(set) var line = 1
    private(set) var column = 1
    private var isAfterReturn = false

    mutating func advance(over scalar: Unicode.Scalar) {
        switch scalar {
        case "\n" where isAfterReturn: isAfterReturn = false
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
            (line, column) = (line + 1, 1)
            isAfterReturn = scalar == "\r"
        default:
            column += 1
            isAfterReturn = false
        }
    }

    /// Where `line` and `column` are in `text`.
    static func index(line: Int, column: Int, in text: String) -> String.UnicodeScalarView.Index? {
        var place = TextPlace()
        for index in text.unicodeScalars.indices {
            if place.line == line, place.column == column, !place.isAfterReturn { return index }
            place.advance(over: text.unicodeScalars[index])
        }
        return nil
    }
}
