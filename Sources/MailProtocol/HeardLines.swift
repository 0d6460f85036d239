import MailModel

/// What a server said, as a trace shows it: replies whole, what belongs to a message as its size. Gathered only while
/// somebody wants to know.
public struct HeardLines: Sendable {
    public var isWanted = false
    private var lines: [String] = []

    mutating func add(_ line: @autoclosure () -> String) {
        if isWanted { lines.append(line()) }
    }

    /// What was said since the last time.
    public mutating func take() -> [String] {
        var taken: [String] = []
        swap(&taken, &lines)
        return taken
    }
}

extension HeardLines {
    /// A SASL challenge or prompt. Only the error of a bearer mechanism is decoded, and of that what is known to be no
    /// secret; what else is encoded is shown as its size.
    static func challenge(_ challenge: some RandomAccessCollection<UInt8>) -> String {
        let octets = Array(challenge)
        guard !octets.isEmpty else { return "" }
        if let error = SASLServerError(json: Base64.decode(octets) ?? octets) { return "[error: \(error)]" }
        return Base64.decode(octets) == nil ? octets[...].text : size(octets.count)
    }

    static func size(_ octets: Int, of what: String? = nil) -> String {
        "[\(octets) \(octets == 1 ? "octet" : "octets")\(what.map { " \($0)" } ?? "")]"
    }
}
