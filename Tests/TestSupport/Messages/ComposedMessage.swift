import Diagnostics
import Foundation

/// A message in its parts, so that it can be rendered in one way and another.
public struct ComposedMessage: Hashable, Sendable {
    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var fields: [Field]
    /// The lines of the text.
    public var text: [String]
    /// Separates the parts of a multipart message; `nil`: it is a plain one.
    public var boundary: String?
    /// Which arrival it is, whatever it looks like: stands in the text.
    public var token: Int
    /// Octets of a line of text before it is folded; 0: as it is.
    public var foldsAt = 0

    public init(fields: [Field] = [], text: [String], boundary: String? = nil, token: Int) {
        self.fields = fields
        self.text = text
        self.boundary = boundary
        self.token = token
    }

    /// An ordinary message with a Message-ID and a Date that no message with another token has.
    public init(_ token: Int) {
        self.init(text: ["Hello,", "here are the figures."], token: token)
        self["From"] = "\"Kunde \(token % 9)\" <kunde\(token % 9)@example.net>"
        self["To"] = "anna@example.test"
        self["Subject"] = Rendering.encodedAnew("Anfrage über Größe \(token)", inBase64: true)
        self["Date"] = MailDate.text(of: Timestamp(seconds: 1_790_000_000 + Int64(token) * 61))
        self["Message-ID"] = "<\(token)@example.net>"
    }

    public subscript(name: String) -> String? {
        get { fields.first { $0.name == name }?.value }
        set {
            fields.removeAll { $0.name == name }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// The same with another value of a field, or without the field.
    public func with(_ name: String, _ value: String?, token: Int? = nil) -> ComposedMessage {
        var message = self
        message[name] = value
        if let token { message.token = token }
        return message
    }

    /// Copies that share it look like one message.
    public var looks: String { "\(self["Message-ID"] ?? "none")|\(self["Date"] ?? "none")|\(self["Subject"] ?? "")" }

    public var octets: [UInt8] {
        var lines = fields.flatMap { field in
            folded("\(field.name): \(field.value)")
        }
        if let boundary { lines.append("Content-Type: multipart/mixed; boundary=\"\(boundary)\"") }
        lines.append("")
        if let boundary { lines += ["--\(boundary)", "Content-Type: text/plain; charset=utf-8", ""] }
        lines += text + ["token \(token)."]
        if let boundary { lines.append("--\(boundary)--") }
        return Array(lines.map { $0 + "\r\n" }.joined().utf8)
    }

    /// At white space only (RFC 5322 §2.2.3).
    private func folded(_ line: String) -> [String] {
        guard foldsAt > 0 else { return [line] }
        var lines: [String] = []
        for word in line.split(separator: " ") {
            if let last = lines.last, last.utf8.count + word.utf8.count < foldsAt {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(lines.isEmpty ? String(word) : " " + word)
            }
        }
        return lines
    }

    /// Which arrival a delivered message is.
    public static func token(of octets: [UInt8]) -> Int? {
        let text = String(decoding: octets, as: UTF8.self)
        guard let mark = text.range(of: "token ", options: .backwards) else { return nil }
        return Int(text[mark.upperBound...].prefix { $0.isNumber })
    }
}
