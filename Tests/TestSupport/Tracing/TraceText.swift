/// Texts as strace prints them: in quotes, with C's escapes, and three dots behind what was cut.
enum TraceText {
    /// The octets; `nil` when `argument` is no text.
    static func resolved(_ argument: String) -> [UInt8]? {
        guard argument.utf8.first == UInt8(ascii: "\""), let end = argument.utf8.lastIndex(of: UInt8(ascii: "\"")),
            end > argument.startIndex
        else { return nil }
        var rest = Array(argument.utf8[argument.utf8.index(after: argument.startIndex)..<end])[...]
        var octets: [UInt8] = []
        while let byte = rest.popFirst() {
            octets.append(byte == UInt8(ascii: "\\") ? escaped(&rest) : byte)
        }
        return octets
    }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
        let digits = rest.prefix(3).prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
        if !digits.isEmpty {
            rest = rest.dropFirst(digits.count)
            return digits.reduce(0) { $0 &* 8 &+ ($1 - UInt8(ascii: "0")) }
        }
        switch rest.popFirst() {
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "v"): return 11
        case UInt8(ascii: "f"): return 12
        case let other: return other ?? UInt8(ascii: "\\")
        }
    }
}
