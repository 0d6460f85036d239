import Diagnostics

/// What `fetch` did, or that it began.
public struct FetchReport: Codable, Hashable, Sendable {
    /// `false`: nobody waited, or the wait ended first.
    public var finished: Bool
    public var delivered: Int
    public var octets: Int64
    /// What kept it from looking everywhere; the rest was fetched.
    public var errors: [ErrorReport]

    public init(finished: Bool, delivered: Int = 0, octets: Int64 = 0, errors: [ErrorReport] = []) {
        self.finished = finished
        self.delivered = delivered
        self.octets = octets
        self.errors = errors
    }
}
