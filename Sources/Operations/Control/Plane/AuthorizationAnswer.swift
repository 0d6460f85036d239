import Diagnostics

/// How an answer of a sign-in in a browser gets from the browser to whoever waits for it.
public enum AuthorizationWayBack: Hashable, Sendable {
    /// The command listens on this port.
    case loopback(port: Int)
    case paste
}

/// With what a provider sent the browser back (RFC 6749 §4.1.2).
public struct AuthorizationAnswer: Sendable {
    public enum Result: Sendable {
        case code(Secret)
        /// RFC 6749 §4.1.2.1.
        case error(String, description: String?)
    }

    /// Says which sign-in it belongs to.
    public var state: Secret
    public var result: Result

    public init(state: Secret, result: Result) {
        self.state = state
        self.result = result
    }
}
