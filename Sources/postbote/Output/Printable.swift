/// Text that came from a server or a message, made harmless for a terminal: no control character steers it.
struct Printable: CustomStringConvertible {
    let description: String

    init(_ text: String) {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        description = String(result)
    }
}
