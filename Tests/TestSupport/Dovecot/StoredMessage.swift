/// A message in a mailbox of a test server, as an IMAP client gets it.
public struct StoredMessage: Hashable, Sendable {
    public let uid: UInt32
    public let flags: [String]
    public let bytes: [UInt8]

    /// The answer to UID FETCH (UID FLAGS BODY[]), nothing less regular than Dovecot's own.
    static func parse(_ answer: [UInt8]) throws -> [StoredMessage] {
        var messages: [StoredMessage] = []
        var rest = answer[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            if line.hasPrefix("b ") || line.hasPrefix("a "), !line.dropFirst(2).hasPrefix("OK") {
                throw UnexpectedAnswer(line: line)
            }
            guard let match = line.firstMatch(of: /UID (\d+) FLAGS \((.*?)\) BODY\[\] (?:\{(\d+)\}|"(.*)"\))/) else {
                continue
            }
            guard let uid = UInt32(match.1) else { throw UnexpectedAnswer(line: line) }
            let size = match.3.flatMap { Int($0) } ?? 0
            let bytes = match.3 == nil ? Array((match.4 ?? "").utf8) : Array(rest.prefix(size))
            rest = rest.dropFirst(size)
            let flags = match.2.split(separator: " ").map(String.init)
            guard bytes.count == size || match.3 == nil else { throw UnexpectedAnswer(line: "cut after: \(line)") }
            messages.append(StoredMessage(uid: uid, flags: flags, bytes: bytes))
        }
        return messages
    }

    public struct UnexpectedAnswer: Error, CustomStringConvertible {
        public let line: String
        public var description: String { "the server answered: \(line)" }
    }
}
