import Diagnostics

/// When to ask whether the person has signed in, and when to stop (RFC 8628 §3.5): a reply in, what to do out.
struct DevicePolling: Sendable {
    enum Reply: Sendable {
        /// An error object of the token endpoint, by its `error`.
        case error(String)
        /// No reply, or one that says that the provider is in trouble.
        case trouble(retryAfter: Duration?)
    }

    enum Action: Hashable, Sendable {
        case poll(at: Timestamp)
        case declined
        case expired
        /// Not an answer of this flow.
        case refused
    }

    private(set) var interval: Duration
    let expires: Timestamp
    private var polls = 0

    init(interval: Duration, expires: Timestamp) {
        self.interval = interval
        self.expires = expires
    }

    /// The first poll: not before the person had time for a keystroke.
    mutating func begin(at now: Timestamp) -> Action { next(now, interval) }

    mutating func received(_ reply: Reply, at now: Timestamp) -> Action {
        switch reply {
        case .error("authorization_pending"):
            return next(now, interval)
        case .error("slow_down"):
            // For all polls that follow.
            interval = min(interval + .seconds(5), Limits.longestDeviceInterval)
            return next(now, interval)
        case .trouble(let asked):
            interval = min(interval * 2, Limits.longestDeviceInterval)
            return next(now, max(interval, asked ?? .zero))
        case .error("access_denied"), .error("authorization_declined"):
            return .declined
        case .error("expired_token"), .error("code_expired"):
            return .expired
        case .error:
            return .refused
        }
    }

    private mutating func next(_ now: Timestamp, _ wait: Duration) -> Action {
        polls += 1
        let moment = now + wait
        return moment >= expires || polls > Limits.devicePolls ? .expired : .poll(at: moment)
    }
}
