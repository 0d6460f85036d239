/// One request that the authorization server got.
public struct AuthorizationRecord: Sendable {
    public enum Endpoint: String, Sendable {
        case token, device, authorize, revoke, discovery, unknown
    }

    public enum Outcome: Sendable, Equatable {
        case underWay
        case granted
        /// By the OAuth error and the AADSTS number.
        case refused(error: String, code: Int)
        case fault
        /// The client went before there was an answer.
        case abandoned
    }

    public let number: Int
    public let endpoint: Endpoint
    public let grantType: String?
    public let client: String?
    /// Whom the grant is about, as far as it is known.
    public let user: String?
    /// A challenge that the client passes on, from an earlier refusal.
    public let claims: String?
    /// How many requests about the same user and client were under way when this one came, itself included.
    public let concurrent: Int
    public internal(set) var outcome = Outcome.underWay
}
