import MailModel

/// An enhanced status code: class, subject, detail (RFC 3463 §2).
public struct EnhancedStatus: Hashable, Sendable, CustomStringConvertible {
    /// 2: success, 4: for now, 5: for good.
    public var statusClass: Int
    public var subject: Int
    public var detail: Int

    public init(_ statusClass: Int, _ subject: Int, _ detail: Int) {
        self.statusClass = statusClass
        self.subject = subject
        self.detail = detail
    }

    public var description: String { "\(statusClass).\(subject).\(detail)" }

    /// Reads the code at the beginning of a reply's text (RFC 2034 §4), which white space or the end must follow.
    init?(prefixOf text: String) {
        let word = text.utf8.prefix { !$0.isBlank }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(\.isASCIIDigit) })
        else {
            return nil
        }
        let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1 - 0x30) } }
        guard [2, 4, 5].contains(numbers[0]) else { return nil }
        self.init(numbers[0], numbers[1], numbers[2])
    }
}
