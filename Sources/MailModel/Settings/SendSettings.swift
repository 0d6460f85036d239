/// How an account sends mail.
public struct SendSettings: Hashable, Sendable {
    public enum SaveSent: String, Sendable, CaseIterable { case auto, always, never }
    public enum InDoubt: String, Sendable, CaseIterable { case resolve, hold, retry }

    public struct Rate: Hashable, Sendable {
        public var messagesPerMinute: Int?
        public var recipientsPerDay: Int?
        public var connections = 1

        public init(messagesPerMinute: Int? = nil, recipientsPerDay: Int? = nil, connections: Int = 1) {
            self.messagesPerMinute = messagesPerMinute
            self.recipientsPerDay = recipientsPerDay
            self.connections = connections
        }
    }

    public var enabled = true
    public var signIn: SignInSettings
    public var endpoint: Endpoint
    /// Allowed senders, lower-cased domain; never empty.
    public var from: [String]
    public var saveSent = SaveSent.auto
    public var rate = Rate()
    /// What the provider takes in one message; `nil`: what its server says.
    public var recipientsPerMessage: Int?
    /// Of unparked time; then failed.
    public var maxAge = Duration.seconds(5 * 86400)
    public var parkedMax = Duration.seconds(7 * 86400)
    public var inDoubt = InDoubt.resolve
    /// `hold` or `retry`.
    public var inDoubtUnresolved = InDoubt.hold

    public init(signIn: SignInSettings, endpoint: Endpoint, from: [String]) {
        self.signIn = signIn
        self.endpoint = endpoint
        self.from = from
    }
}
