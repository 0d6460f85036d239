import Foundation
import TestSupport
import Testing

/// What a server changes of a message when it renders it anew, as Exchange does on every fetch.
struct Rendering: OptionSet, Hashable, Sendable, CustomTestStringConvertible {
    let rawValue: Int

    static let reordersFields = Rendering(rawValue: 1 << 0)
    static let refoldsFields = Rendering(rawValue: 1 << 1)
    static let addsTraceFields = Rendering(rawValue: 1 << 2)
    static let encodesSubjectsAnew = Rendering(rawValue: 1 << 3)
    static let changesMIME = Rendering(rawValue: 1 << 4)
    static let addsMessageIDs = Rendering(rawValue: 1 << 5)
    static let changesSizes = Rendering(rawValue: 1 << 6)
    static let everything = Rendering(rawValue: 127)

    static let each: [Rendering] = [
        .reordersFields, .refoldsFields, .addsTraceFields, .encodesSubjectsAnew, .changesMIME, .addsMessageIDs,
        .changesSizes,
    ]

    var testDescription: String {
        switch self {
        case []: "leaves everything as it is"
        case .reordersFields: "reorders header fields"
        case .refoldsFields: "refolds header fields"
        case .addsTraceFields: "adds Received and X-MS fields"
        case .encodesSubjectsAnew: "encodes subjects anew"
        case .changesMIME: "changes boundaries and transfer encodings"
        case .addsMessageIDs: "adds a Message-ID where there is none"
        case .changesSizes: "changes sizes by up to 5 %"
        case .everything: "does all of that"
        default: "\(rawValue)"
        }
    }

    func render(_ mail: Mail, using generator: inout SeededGenerator) -> Mail {
        var mail = mail
        if contains(.addsMessageIDs), mail["Message-ID"] == nil {
            mail["Message-ID"] = "<\(generator.next())@prod.exchangelabs.example>"
        }
        if contains(.encodesSubjectsAnew), let subject = mail["Subject"] {
            mail["Subject"] = Rendering.encodedAnew(subject, inBase64: Bool.random(using: &generator))
        }
        if contains(.addsTraceFields) {
            mail.fields.insert(
                Mail.Field(
                    name: "Received",
                    value: "from \(generator.next()).prod.example by x; Mon, 2 Nov 2026 00:00:01 +0000"),
                at: 0)
            mail.fields.append(Mail.Field(name: "X-MS-Exchange-Organization-SCL", value: "\(generator.next() % 9)"))
        }
        if contains(.reordersFields) { mail.fields.shuffle(using: &generator) }
        if contains(.refoldsFields) { mail.foldsAt = Int.random(in: 30...70, using: &generator) }
        if contains(.changesMIME) {
            mail.boundary = "_000_\(generator.next())_"
            mail.text = ["Content-Transfer-Encoding: quoted-printable", ""] + mail.text.map { $0 + "=20" }
        }
        if contains(.changesSizes) {
            let size = mail.octets.count
            mail.text.append(String(repeating: ".", count: Int.random(in: 0...max(1, size / 20), using: &generator)))
        }
        return mail
    }

    /// The same words in other encoded words (RFC 2047).
    static func encodedAnew(_ subject: String, inBase64: Bool) -> String {
        let plain = decoded(subject)
        if inBase64 { return "=?utf-8?B?\(Data(plain.utf8).base64EncodedString())?=" }
        let quoted = plain.utf8.map { byte -> String in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            return isPlain
                ? String(UnicodeScalar(byte))
                : "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return "=?UTF-8?Q?\(quoted.joined())?="
    }

    private static func decoded(_ subject: String) -> String {
        guard subject.hasPrefix("=?utf-8?B?"),
            let data = Data(base64Encoded: String(subject.dropFirst(10).dropLast(2)))
        else { return subject }
        return String(decoding: data, as: UTF8.self)
    }
}
