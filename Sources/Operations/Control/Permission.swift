/// What a peer may do.
public struct Permission: OptionSet, Hashable, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Hand in messages.
    public static let send = Permission(rawValue: 1)
    /// Get access tokens.
    public static let token = Permission(rawValue: 2)
    /// Everything else.
    public static let manage = Permission(rawValue: 4)

    public static let everything: Permission = [.send, .token, .manage]
}
