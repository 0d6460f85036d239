/// A message that a test server took over: it answered the final dot with 250, or was about to.
public struct SMTPTransaction: Hashable, Sendable {
    /// Without angle brackets; empty for a bounce report.
    public var reversePath: String
    /// What followed the reverse-path, such as `BODY=8BITMIME`.
    public var parameters: [String]
    /// Without angle brackets, in the order they came, refused ones left out.
    public var recipients: [String]
    /// Without dot-stuffing. A `SMTPSink` keeps no CR: its lines end with LF.
    public var bytes: [UInt8]

    public init(reversePath: String, parameters: [String] = [], recipients: [String], bytes: [UInt8]) {
        self.reversePath = reversePath
        self.parameters = parameters
        self.recipients = recipients
        self.bytes = bytes
    }

    /// The value of the header field `name`, unfolded; `nil` when it is not there.
    public func header(_ name: String) -> String? {
        let head = String(decoding: bytes[..<headerEnd], as: UTF8.self).replacing("\r\n", with: "\n")
        let unfolded = head.replacing("\n ", with: " ").replacing("\n\t", with: " ")
        for line in unfolded.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name.lowercased() else { continue }
            return String(parts[1].drop { $0 == " " })
        }
        return nil
    }

    /// Where the first empty line begins.
    private var headerEnd: Int {
        var start = 0
        while let end = bytes[start...].firstIndex(of: 10) {
            if end == start || (end == start + 1 && bytes[start] == 13) { return start }
            start = end + 1
        }
        return bytes.count
    }
}
