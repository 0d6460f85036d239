/// Why a server refused a token, as it says in its last challenge (RFC 7628 §3.2.2; XOAUTH2 sends the same shape).
public struct SASLServerError: Hashable, Sendable {
    /// `invalid_token` and the like, or an HTTP status such as `401` from Google.
    public var status: String?
    public var schemes: String?
    /// The scope a token would need.
    public var scope: String?
    /// Where the server's OAuth configuration can be found (RFC 8414).
    public var openIDConfiguration: String?

    /// From the decoded challenge; `nil` when that is not a JSON object.
    public init?(json: [UInt8]) {
        var reader = FlatJSON(json)
        guard let members = reader.object() else { return nil }
        status = members["status"]
        schemes = members["schemes"]
        scope = members["scope"]
        openIDConfiguration = members["openid-configuration"]
    }
}

extension SASLServerError: CustomStringConvertible {
    /// `status=401 scope=https://mail.google.com/`.
    public var description: String {
        [("status", status), ("schemes", schemes), ("scope", scope)]
            .compactMap { name, value in value.map { "\(name)=\($0)" } }
            .joined(separator: " ")
    }
}
