/// Looks at a text before the YAML scanner does, and refuses what would cost it too much.
enum BeforeScanning {
    static func check(_ text: String) throws(DocumentText.Fault) {
        var scan = Scan()
        for byte in text.utf8 { scan.step(byte) }
        guard scan.separators <= Limits.separators else {
            throw DocumentText.Fault(line: 0, column: 0, message: "the file holds too many values")
        }
        guard scan.aliasTokens <= Limits.aliasTokens else {
            let message = "YAML anchors and aliases are not supported: put what accounts share under `defaults`"
            throw DocumentText.Fault(line: scan.firstAliasLine, column: 1, message: message)
        }
    }

    /// Counts without knowing quotes and block scalars, so it may see an alias where there is none: hence a limit above zero.
    private struct Scan {
        private(set) var separators = 0
        private(set) var aliasTokens = 0
        private(set) var firstAliasLine = 0
        private var line = 1
        private var isInComment = false
        private var last = UInt8(ascii: "\n")
        private var beforeLast = UInt8(ascii: "\n")

        mutating func step(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "\n"):
                line += 1
                separators += 1
                isInComment = false
            case UInt8(ascii: "#") where isGap(last): isInComment = true
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "?"): separators += 1
            default: break
            }
            if last == UInt8(ascii: "*"), mayPrecedeAlias(beforeLast), isNameByte(byte), !isInComment {
                aliasTokens += 1
                if firstAliasLine == 0 { firstAliasLine = line }
            }
            (beforeLast, last) = (last, byte)
        }

        private func isGap(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

        private func mayPrecedeAlias(_ byte: UInt8) -> Bool {
            isGap(byte) || [UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ",")].contains(byte)
        }

        private func isNameByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}
