/// A piece of the configuration as errors repeat it: short and on one line.
struct Quoted: CustomStringConvertible {
    let description: String

    init(_ text: String) {
        let shown = text.unicodeScalars.prefix(Limits.quotedValue).map { scalar in
            scalar.isControl ? "\u{FFFD}" : String(scalar)
        }
        let isCut = text.unicodeScalars.count > Limits.quotedValue
        description = shown.joined() + (isCut ? "…" : "")
    }
}

extension Unicode.Scalar {
    /// C0 and C1 controls, and DEL: the general category Cc.
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
