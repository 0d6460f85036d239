import MailModel

/// The answer to an extended SEARCH (RFC 4731 §3.1). Without matches there is no `all`, `min` or `max`.
public struct IMAPExtendedSearch: Hashable, Sendable {
    /// Which command it answers.
    public var tag: IMAPTag?
    /// Whether the numbers are UIDs.
    public var isUID = false
    public var all = UIDSet()
    public var min: UInt32?
    public var max: UInt32?
    public var count: UInt32?
    public var modSeq: UInt64?

    public init() {}
}
