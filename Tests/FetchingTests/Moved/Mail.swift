import Diagnostics
import MailModel
import TestSupport

/// A message in its parts, so that it can be rendered in one way and another.
struct Mail: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        var name: String
        var value: String
    }

    var fields: [Field]
    /// The lines of the text.
    var text: [String]
    /// Separates the parts of a multipart message; `nil`: it is a plain one.
    var boundary: String?
    /// Which arrival it is, whatever it looks like: stands in the text.
    var token: Int
    /// Octets of a line of text before it is folded; 0: as it is.
    var foldsAt = 0

    subscript(name: String) -> String? {
        get { fields.first { $0.name == name }?.value }
        set {
            fields.removeAll { $0.name == name }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// Copies that share it look like one message.
    var looks: String { "\(self["Message-ID"] ?? "none")|\(self["Date"] ?? "none")|\(self["Subject"] ?? "")" }

    var octets: [UInt8] {
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
    static func token(of octets: [UInt8]) -> Int? {
        let text = String(decoding: octets, as: UTF8.self)
        guard let mark = text.range(of: "token ", options: .backwards) else { return nil }
        return Int(text[mark.upperBound...].prefix { $0.isNumber })
    }
}
