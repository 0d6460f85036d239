import Diagnostics

/// A failure as `status` and the control API show it.
public struct ErrorReport: Codable, Hashable, Sendable {
    public var at: Timestamp?
    /// What was being done: `connect`, `sign in`, `UID FETCH`.
    public var operation: String
    /// What happened and what to do, in a sentence.
    public var reason: String
    /// The server's own line.
    public var serverLine: String?
    /// When trying again makes sense: `now later when_reauthorized when_reconfigured never`.
    public var retry: String
    /// Where it happened: account, folder, UID, host.
    public var place: [String: String]

    enum CodingKeys: String, CodingKey {
        case at, operation, reason
        case serverLine = "server_line"
        case retry, place
    }

    public init(_ failure: Failure, at moment: Timestamp? = nil) {
        at = moment
        operation = failure.operation
        reason = failure.reason
        serverLine = failure.serverLine
        retry = failure.retry.word
        place = failure.place
    }
}
