import Diagnostics

/// A token that opens mail servers until it expires.
public struct AccessToken: Hashable, Sendable {
    /// What goes into the SASL message.
    public let secret: Secret
    public let obtained: Timestamp
    public let expires: Timestamp

    public init(secret: Secret, obtained: Timestamp, expires: Timestamp) {
        self.secret = secret
        self.obtained = obtained
        self.expires = expires
    }

    /// Whether it survives its way to the server and the sign-in there.
    func isUsable(at now: Timestamp) -> Bool {
        now < expires - min(Limits.leastRemaining, lifetime / 10) && !isFromTheFuture(at: now)
    }

    /// The clock was set back since the token was obtained, so that nobody knows its age.
    func isFromTheFuture(at now: Timestamp) -> Bool { now < obtained - Limits.clockTolerance }

    var lifetime: Duration { max(expires - obtained, .zero) }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(obtained)
        hasher.combine(expires)
    }
}
