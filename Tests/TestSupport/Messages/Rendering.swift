import Foundation

/// What a server changes of a message when it renders it anew, as Exchange does on every fetch.
public struct Rendering: OptionSet, Hashable, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let reordersFields = Rendering(rawValue: 1 << 0)
    public static let refoldsFields = Rendering(rawValue: 1 << 1)
    public static let addsTraceFields = Rendering(rawValue: 1 << 2)
    public static let encodesSubjectsAnew = Rendering(rawValue: 1 << 3)
    public static let changesMIME = Rendering(rawValue: 1 << 4)
    public static let addsMessageIDs = Rendering(rawValue: 1 << 5)
    public static let changesSizes = Rendering(rawValue: 1 << 6)
    public static let everything = Rendering(rawValue: 127)

    public static let each: [Rendering] = [
        .reordersFields, .refoldsFields, .addsTraceFields, .encodesSubjectsAnew, .changesMIME, .addsMessageIDs,
        .changesSizes,
    ]

    public func render(
        _ message: ComposedMessage, using generator: inout SeededGenerator
    ) -> ComposedMessage {
        var message = message
        if contains(.addsMessageIDs), message["Message-ID"] == nil {
            message["Message-ID"] = "<\(generator.next())@prod.exchangelabs.example>"
        }
        if contains(.encodesSubjectsAnew), let subject = message["Subject"] {
            message["Subject"] = Rendering.encodedAnew(subject, inBase64: Bool.random(using: &generator))
        }
        if contains(.addsTraceFields) {
            message.fields.insert(
                ComposedMessage.Field(
                    name: "Received",
                    value: "from \(generator.next()).prod.example by x; Mon, 2 Nov 2026 00:00:01 +0000"),
                at: 0)
            message.fields.append(
                ComposedMessage.Field(name: "X-MS-Exchange-Organization-SCL", value: "\(generator.next() % 9)"))
        }
        if contains(.reordersFields) { message.fields.shuffle(using: &generator) }
        if contains(.refoldsFields) { message.foldsAt = Int.random(in: 30...70, using: &generator) }
        if contains(.changesMIME) {
            message.boundary = "_000_\(generator.next())_"
            message.text = ["Content-Transfer-Encoding: quoted-printable", ""] + message.text.map { $0 + "=20" }
        }
        if contains(.changesSizes) {
            let size = message.octets.count
            message.text.append(
                String(repeating: ".", count: Int.random(in: 0...max(1, size / 20), using: &generator)))
        }
        return message
    }

    /// The same words in other encoded words (RFC 2047).
    public static func encodedAnew(_ subject: String, inBase64: Bool) -> String {
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
