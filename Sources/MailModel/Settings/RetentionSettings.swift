/// How long what is kept of finished mail is kept.
public struct RetentionSettings: Hashable, Sendable {
    public var sent = Duration.seconds(7 * 86400)
    public var failed = Duration.seconds(30 * 86400)
    public var history = Duration.seconds(400 * 86400)

    public init() {}
}
