/// What a test waited for did not come.
public struct DeadlineMissed: Error, CustomStringConvertible {
    public let what: String
    public let limit: Duration

    public init(what: String, limit: Duration) {
        self.what = what
        self.limit = limit
    }

    public var description: String { "waited \(limit) in vain for \(what)" }
}
