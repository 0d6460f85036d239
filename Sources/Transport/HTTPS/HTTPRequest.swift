import MailModel

/// One request over HTTPS, over HTTP to loopback, or over HTTP to a Unix socket. Redirects are never followed.
public struct HTTPRequest: Sendable {
    public enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Read from an open file while it is sent, from where it stands; it stays the caller's to close, when `send` has
        /// returned or thrown. `length` is what will be read, `nil` when that is not known, as with a pipe.
        case file(descriptor: Int32, length: Int64?)
    }

    public var method: String
    /// `https://…`; `http://…` only to loopback or with a `unixSocketPath`.
    public var url: String
    public var headers: HTTPHeaders
    public var body: Body
    /// For everything, from the name lookup to the last byte of the response.
    public var timeout: Duration
    /// A longer response body is a failure.
    public var responseLimit: Int
    /// Connects to this socket whatever the URL's host is.
    public var unixSocketPath: String?
    public var trust: TrustSettings
    public var proxy: Proxy?
    /// What an operator calls it, in failures: `refresh token`.
    public var operation: String
    /// Whether sending it twice does no harm. Then a kept connection may be used, and the request is repeated when the
    /// server had just closed it (RFC 9110 §9.2.2).
    public var mayBeRepeated: Bool
    /// Gets the body of an answer with a status of 2xx piece by piece, on the client's loop, instead of its being kept and
    /// limited; `false` ends the request.
    public var take: (@Sendable ([UInt8]) -> Bool)?

    /// - Parameter mayBeRepeated: Unless given, what HTTP says of the method: not POST and PATCH.
    public init(
        _ method: String, _ url: String, headers: HTTPHeaders = [:], body: Body = .none,
        timeout: Duration = .seconds(30), responseLimit: Int = 1024 * 1024, unixSocketPath: String? = nil,
        trust: TrustSettings = TrustSettings(), proxy: Proxy? = nil, operation: String = "request",
        mayBeRepeated: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.responseLimit = responseLimit
        self.unixSocketPath = unixSocketPath
        self.trust = trust
        self.proxy = proxy
        self.operation = operation
        self.mayBeRepeated = mayBeRepeated ?? !["POST", "PATCH"].contains(method)
    }
}

/// Queries, fields and bodies may hold secrets: only method and address are shown.
extension HTTPRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        url.contains("@") ? method : "\(method) \(url.prefix { $0 != "?" && $0 != "#" })"
    }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
