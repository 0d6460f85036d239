import Diagnostics
import MailModel

/// The header of a message at intake: its fields in order, which can be added to and taken from.
struct IntakeHeader: Sendable {
    struct Field: Sendable {
        /// In lower case.
        var name: String
        /// The whole field in UTF-8, folded as it came, lines ended by CRLF.
        var bytes: [UInt8]

        var value: ArraySlice<UInt8> { bytes.drop { $0 != UInt8(ascii: ":") }.dropFirst() }
    }

    private(set) var fields: [Field] = []
    private(set) var addedFields: [String] = []

    /// Whether `line` begins a field: a name of visible characters, then a colon (RFC 5322 §2.2).
    static func isFieldStart(_ line: ArraySlice<UInt8>) -> Bool {
        let name = line.prefix { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
        let rest = line.dropFirst(name.count).drop(while: \.isBlank)
        return !name.isEmpty && rest.first == UInt8(ascii: ":")
    }

    /// Adds a line of the message, which begins a field or continues the last.
    mutating func append(line: ArraySlice<UInt8>) throws(Failure) {
        guard !line.contains(.carriageReturn) else {
            // Taken for a line end it would begin a field that nobody saw.
            throw MessageIntake.refused("The header has a carriage return inside a line. Remove it.")
        }
        let text = Array(Charset.undeclared(line).utf8) + [.carriageReturn, .lineFeed]
        if line.first?.isBlank == true, !fields.isEmpty {
            fields[fields.count - 1].bytes += text
            return
        }
        guard fields.count < SMTPLimits.headerFields else {
            throw MessageIntake.refused("The header has more than \(SMTPLimits.headerFields) fields.")
        }
        let name = line.prefix { $0 != UInt8(ascii: ":") }.trimmed.map(\.inASCIILowerCase)
        fields.append(Field(name: String(decoding: name, as: UTF8.self), bytes: text))
    }

    func fields(_ names: String...) -> [Field] { fields.filter { names.contains($0.name) } }

    /// Whether a field of that name says something.
    func has(_ name: String) -> Bool { fields.contains { $0.name == name && !$0.value.trimmed.isEmpty } }

    func addresses(_ names: [String]) -> AddressList {
        let values = fields.filter { names.contains($0.name) }.map(\.value)
        return AddressList(Array(values.joined(separator: [UInt8(ascii: ",")])))
    }

    var isASCII: Bool { fields.allSatisfy { $0.bytes.allSatisfy { $0 < 0x80 } } }

    var bytes: [UInt8] { fields.flatMap(\.bytes) + [.carriageReturn, .lineFeed] }

    mutating func remove(_ names: String...) { fields.removeAll { names.contains($0.name) } }

    /// Adds a field, in place of empty ones of that name.
    mutating func add(_ name: String, _ value: String, first: Bool = false) {
        remove(name.lowercased())
        let field = Field(name: name.lowercased(), bytes: Array("\(name): \(value)\r\n".utf8))
        fields.insert(field, at: first ? 0 : fields.count)
        addedFields.append(name)
    }
}
