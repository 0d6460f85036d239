/// Which folders are watched, and what is special about them.
public struct FolderSettings: Hashable, Sendable {
    public enum Selector: Hashable, Sendable {
        case name(String)
        case role(FolderRole)
        /// With `*` and `%` as in IMAP's LIST (RFC 3501 §6.3.8).
        case pattern(String)
        case subscribed
    }

    public var selector: Selector
    public var deliverTo: [DestinationName]?
    public var afterFetch: AfterFetch?

    public init(selector: Selector, deliverTo: [DestinationName]? = nil, afterFetch: AfterFetch? = nil) {
        self.selector = selector
        self.deliverTo = deliverTo
        self.afterFetch = afterFetch
    }
}
