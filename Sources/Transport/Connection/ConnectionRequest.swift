import Diagnostics
import MailModel

/// Which server to connect to, and how.
public struct ConnectionRequest: Hashable, Sendable {
    public var service: MailService
    public var endpoint: Endpoint
    public var trust: TrustSettings
    public var proxy: Proxy?
    /// The name given with EHLO before signing in; `nil`: the machine's. Only for SMTP.
    public var heloName: String?
    /// From the name lookup to the server's capabilities, everything included.
    public var timeout: Duration

    public init(
        _ service: MailService, at endpoint: Endpoint, trust: TrustSettings = TrustSettings(), proxy: Proxy? = nil,
        heloName: String? = nil, timeout: Duration = .seconds(60)
    ) {
        self.service = service
        self.endpoint = endpoint
        self.trust = trust
        self.proxy = proxy
        self.heloName = heloName
        self.timeout = timeout
    }
}

extension ConnectionRequest {
    /// The proxy this connection takes, if any.
    var usedProxy: Proxy? { proxy.flatMap { $0.serves(endpoint.host) ? $0 : nil } }

    /// Where the failure of this connection happened, as the operator wrote it.
    var peer: CurlFailure.Peer {
        CurlFailure.Peer(
            host: endpoint.host, port: endpoint.port, tls: endpoint.tls, certificateName: trust.certificateName,
            hasCAFile: trust.caFile != nil, proxy: usedProxy?.url, timeout: timeout)
    }

    /// - Throws: `Failure` when the configuration cannot be meant: it would mean something else in an address.
    func check() throws(Failure) {
        for name in [endpoint.host, trust.certificateName].compactMap(\.self) where !HostName.isPlausible(name) {
            throw misconfigured("\"\(name)\" is not a host name. Correct it in the configuration.")
        }
        guard (1...65535).contains(endpoint.port) else {
            throw misconfigured("\(endpoint.port) is not a port. Correct it in the configuration.")
        }
        if let heloName, !HostName.isPlausible(heloName) {
            throw misconfigured("\"\(heloName)\" cannot be given as a name with EHLO. Correct helo_name.")
        }
        guard endpoint.tls != .none || HostName.isLoopback(endpoint.host) else {
            throw misconfigured(
                "\(endpoint.host) would be reached without TLS, which is allowed on loopback only. Use tls: implicit "
                    + "or tls: starttls.")
        }
    }

    private func misconfigured(_ reason: String) -> Failure {
        Failure(
            .direction, .whenReconfigured(by: .operatorOfPostbote), operation: "connect", reason: reason,
            place: ["host": peer.description])
    }
}
