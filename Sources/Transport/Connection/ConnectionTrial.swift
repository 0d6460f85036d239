import Diagnostics

/// How far a connection came that was made only to see that: names, addresses, TLS and the certificate as libcurl tells them.
public struct ConnectionTrial: Hashable, Sendable {
    /// What was going on when it ended, in the order of a connection.
    public enum Stage: Int, Sendable, Comparable, CaseIterable {
        case nameLookup, connecting, tls, greeting, capabilities
        /// Everything went well.
        case ready

        public static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }

        init(_ stage: CurlFailure.Stage) {
            self =
                switch stage {
                case .nameLookup: .nameLookup
                case .connecting: .connecting
                case .tls: .tls
                case .greeting: .greeting
                case .capabilities, .established: .capabilities
                }
        }
    }

    public var stage: Stage
    /// Why it went no further.
    public var failure: Failure?
    /// The addresses that a connection was tried to, in their order; those of the proxy where there is one. What the name
    /// has besides, once one of them had answered, is not known.
    public var tried: [String] = []
    /// The one that answered.
    public var address: String?
    /// From the first try to the answer.
    public var connected: Duration?
    public var isThroughProxy = false
    /// TLS stands, with a certificate that is good.
    public var isSecure = false
    /// `TLSv1.3`.
    public var tlsVersion: String?
    /// The server's own; `nil` where there was none to look at, as after a certificate that was not trusted.
    public var certificate: CertificateFacts?

    public init(stage: Stage, failure: Failure? = nil) {
        self.stage = stage
        self.failure = failure
    }
}
