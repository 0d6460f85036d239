import MailModel

/// A status line (RFC 1939 §3).
public struct POP3Status: Hashable, Sendable {
    /// `+OK`, else `-ERR`.
    public var isPositive: Bool
    /// The response code without its brackets, in upper case: `SYS/TEMP`, `IN-USE` (RFC 2449 §8).
    public var code: String?
    /// What is said behind status and response code.
    public var text: String

    /// `nil` when `line` is no status line.
    public init?(_ line: [UInt8]) {
        let text = String(decoding: line, as: UTF8.self)
        let word = text.prefix { $0 != " " && $0 != "\t" }
        switch word.uppercased() {
        case "+OK": isPositive = true
        case "-ERR": isPositive = false
        default: return nil
        }
        let rest = text.dropFirst(word.count).drop(while: \.isWhitespace)
        // A code is only looked for where it means something: texts of greetings begin with brackets too.
        guard !isPositive, rest.first == "[", let end = rest.firstIndex(of: "]") else {
            self.text = String(rest)
            return
        }
        code = rest[rest.index(after: rest.startIndex)..<end].uppercased()
        self.text = String(rest[rest.index(after: end)...].drop(while: \.isWhitespace))
    }

    /// The line for people.
    public var serverLine: String {
        let parts = [isPositive ? "+OK" : "-ERR", code.map { "[\($0)]" } ?? "", text]
        let line = parts.filter { !$0.isEmpty }.joined(separator: " ").unicodeScalars
            .map { $0.properties.generalCategory == .control ? " " : $0 }
        return String(String(String.UnicodeScalarView(line)).prefix(POP3Limits.serverLine))
    }
}
