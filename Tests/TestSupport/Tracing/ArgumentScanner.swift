/// Splits what stands between the brackets of a call in a trace.
///
/// Commas separate arguments only at the outermost level: not inside texts, structures, lists, and the names that `-yy`
/// puts behind descriptors.
struct ArgumentScanner {
    private(set) var rest: Substring.UTF8View.SubSequence
    private var depth = 0
    private var isInText = false
    /// Inside `<…>` behind a descriptor.
    private var isInName = false
    private var isEscaped = false
    private var previous: UInt8 = 0

    init(_ text: Substring.UTF8View.SubSequence) { rest = text }

    /// The arguments through the closing bracket; `nil` when it does not come.
    mutating func arguments() -> [String]? {
        var arguments: [String] = []
        var start = rest.startIndex
        let text = rest
        while let byte = rest.first {
            let place = rest.startIndex
            rest.removeFirst()
            let isOutside = !isInText && !isInName && depth == 0
            if isOutside, byte == UInt8(ascii: ",") || byte == UInt8(ascii: ")") {
                let argument = text[start..<place].drop { $0 == UInt8(ascii: " ") }
                if !argument.isEmpty { arguments.append(String(decoding: argument, as: UTF8.self)) }
                start = rest.startIndex
                if byte == UInt8(ascii: ")") { return arguments }
            }
            take(byte)
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) {
        defer { previous = byte }
        if isInText {
            if !isEscaped, byte == UInt8(ascii: "\"") { isInText = false }
            // An escaped backslash escapes nothing behind it.
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            return
        }
        switch byte {
        case UInt8(ascii: "\""): isInText = true
        // `1->2` between the two ends of a socket ends no name.
        case UInt8(ascii: ">") where isInName: isInName = previous == UInt8(ascii: "-")
        case _ where isInName: break
        case UInt8(ascii: "<"): isInName = true
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
        default: break
        }
    }
}
