import Diagnostics

/// The SASL mechanisms spoken here. The raw value is the name on the wire.
public enum SASLMechanism: String, Sendable, CaseIterable {
    /// RFC 7628.
    case oauthBearer = "OAUTHBEARER"
    /// The older form of the same by Google, and the only one Exchange Online has.
    case xoauth2 = "XOAUTH2"
    /// RFC 4616.
    case plain = "PLAIN"
    /// Never standardised; some old servers have nothing else.
    case login = "LOGIN"

    /// `nil` for a mechanism that is not spoken here. Case does not matter.
    public init?(named name: String) { self.init(rawValue: name.uppercased()) }

    public var credentialKind: SASLCredential.Kind {
        switch self {
        case .oauthBearer, .xoauth2: .bearer
        case .plain, .login: .password
        }
    }

    /// The mechanisms to try, best first: never empty, and never one that would show a token as a password.
    ///
    /// - Parameters:
    ///   - offered: the names the server advertises, in any case.
    ///   - isProtected: whether nobody can listen: TLS, or loopback. Nothing here may be sent in clear.
    public static func choose(
        from offered: some Sequence<String>, for kind: SASLCredential.Kind, isProtected: Bool
    ) throws(Failure) -> [SASLMechanism] {
        guard isProtected else { throw unprotected }
        let names = Set(offered.map { $0.uppercased() })
        let usable = allCases.filter { $0.credentialKind == kind && names.contains($0.rawValue) }
        guard !usable.isEmpty else { throw nothingUsable(names, for: kind) }
        return usable
    }

    private static var unprotected: Failure {
        Failure(
            .direction, .whenReconfigured(by: .operatorOfPostbote), operation: "sign in",
            reason: "The connection is not encrypted, so no credential was sent. Set tls to implicit or starttls.")
    }

    private static func nothingUsable(_ names: Set<String>, for kind: SASLCredential.Kind) -> Failure {
        let offered = names.isEmpty ? "nothing" : names.sorted().prefix(20).joined(separator: " ")
        let advice =
            switch kind {
            case .bearer:
                "The server takes no OAuth tokens (it offers \(offered)). Check host and port, or use grant: password."
            case .password:
                "The server takes no passwords (it offers \(offered)). Use an OAuth grant for this provider."
            }
        return Failure(
            .direction, .whenReconfigured(by: .operatorOfPostbote), operation: "sign in", reason: advice)
    }
}
