/// One request to a test server, complete.
public struct HTTPRequest: Sendable {
    public let method: String
    public let path: String
    /// Of the address, decoded.
    public let query: Form
    /// By lowercase name; of repeated ones the last.
    public let headers: [String: String]
    public let body: [UInt8]

    init(method: String, target: String, headers: [String: String], body: [UInt8]) {
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = String(parts[0])
        query = Form(parts.count > 1 ? Array(parts[1].utf8) : [])
        self.headers = headers
        self.body = body
    }

    /// The body as a form, or `nil` when it says that it is something else.
    var form: Form? {
        let type = headers["content-type"] ?? ""
        return type.lowercased().hasPrefix("application/x-www-form-urlencoded") ? Form(body) : nil
    }
}
