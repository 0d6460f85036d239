/// Builds a response from the lines and bytes as they arrive.
struct HTTPResponseCollector {
    private(set) var response = HTTPResponse(status: 0)
    /// What was longer than it may be.
    private(set) var excess: Excess?
    enum Excess { case headers, body }

    private let limit: Int
    private let take: (@Sendable ([UInt8]) -> Bool)?
    private var headerBytes = 0
    private var headIsComplete = false

    /// - Parameter take: as in `HTTPRequest`.
    init(limit: Int, take: (@Sendable ([UInt8]) -> Bool)? = nil) {
        self.limit = limit
        self.take = take
    }

    /// Whether there is a whole head of more than an interim response (RFC 9110 §15.2).
    var isAnswered: Bool { headIsComplete && response.status >= 200 }

    /// One header line with its end. Returns whether it was taken.
    mutating func line(_ bytes: some Collection<UInt8>) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Limits.responseHeaders else {
            excess = .headers
            return false
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // A new response: the one before was interim (RFC 9110 §15.2).
            headIsComplete = false
            response = HTTPResponse(status: text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...]
            response.headers.append(String(text[..<colon]), HTTPResponseCollector.trimmed(value))
        } else if text == "\r\n" || text == "\n" {
            headIsComplete = true
        }
        return true
    }

    /// A piece of the body. Returns whether it was taken.
    mutating func body(_ bytes: some Collection<UInt8>) -> Bool {
        if let take, (200..<300).contains(response.status) { return take(Array(bytes)) }
        guard response.body.count + bytes.count <= limit else {
            excess = .body
            return false
        }
        response.body += bytes
        return true
    }

    /// Without white space and line end around it (RFC 9110 §5.5).
    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\n" }
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
