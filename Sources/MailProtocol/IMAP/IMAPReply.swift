/// A status response: how a command ended, or what the server has to say unasked (RFC 3501 §7.1).
public struct IMAPReply: Hashable, Sendable {
    public enum Status: String, Sendable, CaseIterable {
        case ok = "OK"
        case no = "NO"
        case bad = "BAD"
        /// The connection is about to be closed.
        case bye = "BYE"
        /// Only as a greeting: somebody is signed in already.
        case preauth = "PREAUTH"
    }

    public var status: Status
    public var code: IMAPResponseCode?
    /// For people, behind the code.
    public var text: String
    /// The whole line behind tag or `*`, as the server sent it.
    public var line: String

    public init(_ status: Status, code: IMAPResponseCode? = nil, text: String, line: String? = nil) {
        self.status = status
        self.code = code
        self.text = text
        self.line = line ?? "\(status.rawValue) \(text)"
    }
}
