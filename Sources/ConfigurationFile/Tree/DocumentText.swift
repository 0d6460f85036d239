/// A file's bytes as text that the YAML scanner can read, or the first place where they are not.
enum DocumentText {
    struct Fault: Error {
        var line: Int
        var column: Int
        var message: String
    }

    static func read(_ bytes: [UInt8]) throws(Fault) -> String {
        guard bytes.count <= Limits.fileSize else {
            throw Fault(line: 0, column: 0, message: "the file is larger than \(Limits.fileSize >> 20) MB")
        }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw Fault(line: 1, column: 1, message: "the file is UTF-16; save it as UTF-8")
        }
        // A byte order mark is allowed in front of UTF-8 (YAML 1.2 §5.2).
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else { throw invalidUTF8(content) }
        try checkCharacters(text)
        return text
    }

    private static func invalidUTF8(_ bytes: ArraySlice<UInt8>) -> Fault {
        var place = TextPlace()
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        scan: while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): place.advance(over: scalar)
            case .emptyInput, .error: break scan
            }
        }
        return Fault(line: place.line, column: place.column, message: "this is not UTF-8; save the file as UTF-8")
    }

    /// The characters YAML allows (YAML 1.2 §5.1), so that one that it does not is reported where it stands.
    private static func checkCharacters(_ text: String) throws(Fault) {
        guard !text.utf8.allSatisfy(isPrintableASCII) else { return }
        var place = TextPlace()
        for scalar in text.unicodeScalars {
            guard isAllowed(scalar) else {
                let number = String(scalar.value, radix: 16, uppercase: true)
                let name = "U+" + String(repeating: "0", count: max(0, 4 - number.count)) + number
                throw Fault(
                    line: place.line, column: place.column, message: "the character \(name) cannot stand here")
            }
            place.advance(over: scalar)
        }
    }

    private static func isPrintableASCII(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) || byte == 0x0A || byte == 0x09 || byte == 0x0D
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: true
        case 0x10000...0x10FFFF: true
        default: false
        }
    }
}
