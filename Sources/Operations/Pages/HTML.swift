/// A piece of a page. What is written out in the source is markup; every text that is put into it is escaped, so that
/// none becomes markup by accident.
///
/// A text may stand as an element's content, or in an attribute's value between quotes.
public struct HTML: Sendable, Equatable {
    public private(set) var text: String

    /// Several pieces, one after the other.
    public init(_ pieces: some Sequence<HTML>) { text = pieces.map(\.text).joined() }

    public static func += (left: inout HTML, right: HTML) { left.text += right.text }

    /// HTML's own characters as text (HTML, "Serializing HTML fragments").
    fileprivate static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

extension HTML: ExpressibleByStringInterpolation {
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        public init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }

        public mutating func appendLiteral(_ markup: String) { text += markup }
        public mutating func appendInterpolation(_ text: String) { self.text += HTML.escaped(text) }
        public mutating func appendInterpolation(_ piece: HTML) { text += piece.text }
        /// Nothing where there is nothing.
        public mutating func appendInterpolation(_ piece: HTML?) { text += piece?.text ?? "" }
    }

    public init(stringLiteral markup: String) { text = markup }
    public init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }
}
