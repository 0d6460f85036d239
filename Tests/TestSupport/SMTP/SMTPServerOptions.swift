import Diagnostics

/// How the SMTP server for tests behaves when its policy says nothing.
public struct SMTPServerOptions: Sendable {
    /// What EHLO announces, and what is then allowed.
    public struct Extensions: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        public static let pipelining = Extensions(rawValue: 1)
        public static let size = Extensions(rawValue: 2)
        public static let eightBitMIME = Extensions(rawValue: 4)
        public static let smtpUTF8 = Extensions(rawValue: 8)
        public static let enhancedStatusCodes = Extensions(rawValue: 16)
        public static let startTLS = Extensions(rawValue: 32)
        public static let auth = Extensions(rawValue: 64)
        public static let dsn = Extensions(rawValue: 128)
        public static let all = Extensions(rawValue: 255)
    }

    /// How a refused token is told.
    public enum TokenRefusal: Sendable {
        /// 334 with a JSON status first, as Google does (RFC 7628 §3.2.3).
        case challenge
        /// 535 at once, as Exchange Online does.
        case plain
    }

    public var hostname = "smtp.example.test"
    public var extensions = Extensions.all
    /// In EHLO's spelling.
    public var mechanisms = ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"]
    /// TLS from the first byte (RFC 8314).
    public var hasImplicitTLS = false
    public var requiresTLS = false
    public var requiresAuthentication = true
    public var tokenRefusal = TokenRefusal.challenge
    /// By user name.
    public var passwords: [String: String] = [:]
    /// Checks access tokens; `nil` takes any.
    public var signer: TokenSigner?
    /// In octets (RFC 1870).
    public var largestMessage = 35_882_577
    public var mostRecipients = 100
    /// `nil`: `ServerCertificate.localhost()`.
    public var certificate: ServerCertificate?
    /// Asked before everything the server does; `nil` answers as usual.
    public var policy: @Sendable (SMTPServerEvent) -> SMTPServerAction? = { _ in nil }

    public init() {}
}
