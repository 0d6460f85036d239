import Diagnostics

/// A log record as one line of text: `message KEY=value KEY="a value with blanks"`.
///
/// The journal's MESSAGE is this line too: `journalctl` without options shows nothing else, and a message without its
/// account and reason would tell the operator nothing.
struct LogLine: CustomStringConvertible {
    let description: String

    init(_ record: LogRecord) {
        var text = LogLine.escaped(record.message)
        for field in record.fields {
            text += " \(field.key)="
            text +=
                LogLine.needsQuotes(field.value) ? "\"\(LogLine.escaped(field.value, quoted: true))\"" : field.value
        }
        description = text
    }

    private static func needsQuotes(_ value: String) -> Bool {
        if isPlain(value) { return value.isEmpty || value.utf8.contains(UInt8(ascii: " ")) }
        return value.unicodeScalars.contains { scalar in
            scalar == " " || scalar == "\"" || scalar == "\\" || isUnprintable(scalar)
        }
    }

    /// What could end the line, or steer the terminal of whoever reads it.
    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format: true
        default: false
        }
    }

    /// Printable ASCII without quotes and backslashes: nearly all values, and nothing in them to be escaped.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }

    private static func escaped(_ text: String, quoted: Bool = false) -> String {
        guard !isPlain(text) else { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\"" where quoted, "\\" where quoted: result += "\\\(scalar)"
            case _ where isUnprintable(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
