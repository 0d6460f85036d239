import Diagnostics

/// A refusal in the form of Microsoft Entra: an OAuth error (RFC 6749 §5.2) with an AADSTS number.
public struct EntraError: Error, Sendable, Equatable {
    public var status: Int
    /// The OAuth error, on which clients decide.
    public var error: String
    /// The AADSTS number, which is diagnosis only.
    public var code: Int
    public var text: String
    public var suberror: String?
    /// What the next sign-in must ask for, as JSON in a string.
    public var claims: String?

    public init(
        _ code: Int, _ error: String, _ text: String, status: Int = 400, suberror: String? = nil,
        claims: String? = nil
    ) {
        self.code = code
        self.error = error
        self.text = text
        self.status = status
        self.suberror = suberror
        self.claims = claims
    }

    /// The body Entra sends. Trace and correlation ids are made of `number`, so that each refusal has its own.
    func body(number: Int, now: Timestamp) -> JSONValue {
        let trace = "8d1f6a20-0000-4000-8000-\(Self.padded(number))"
        let correlation = "c0de0000-0000-4000-9000-\(Self.padded(number))"
        let moment = now.description.replacing("T", with: " ")
        let tail = "Trace ID: \(trace) Correlation ID: \(correlation) Timestamp: \(moment)"
        var members: [String: JSONValue] = [
            "error": .text(error), "error_description": .text("AADSTS\(code): \(text) \(tail)"),
            "error_codes": [.number(Int64(code))], "timestamp": .text(moment), "trace_id": .text(trace),
            "correlation_id": .text(correlation),
            "error_uri": .text("https://login.microsoftonline.com/error?code=\(code)"),
        ]
        if let suberror { members["suberror"] = .text(suberror) }
        if let claims { members["claims"] = .text(claims) }
        return .object(members)
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}

/// What the authorization server refuses by its own rules.
extension EntraError {
    static func missing(_ parameter: String) -> EntraError {
        EntraError(900144, "invalid_request", "The request body must contain the parameter '\(parameter)'.")
    }
    static func repeated(_ parameter: String) -> EntraError {
        EntraError(90004, "invalid_request", "The request is not formed properly: '\(parameter)' is there twice.")
    }
    static let notPosted = EntraError(900561, "invalid_request", "This endpoint takes POST requests only.")
    static let resourceParameter = EntraError(
        901002, "invalid_request", "The parameter 'resource' is not supported here.")
    static func unknownTenant(_ tenant: String) -> EntraError {
        EntraError(90002, "invalid_request", "The tenant '\(tenant)' was not found.")
    }
    static let needsTenant = EntraError(
        9_001_023, "invalid_request", "This grant type needs an endpoint with a tenant, not /common or /consumers.")
    static func unknownClient(_ client: String) -> EntraError {
        EntraError(700016, "unauthorized_client", "The application '\(client)' was not found in the directory.")
    }
    static let secretMissing = EntraError(
        7_000_218, "invalid_client", "The request must contain a client_assertion or a client_secret.", status: 401)
    static let secretWrong = EntraError(
        7_000_215, "invalid_client", "The client secret is not valid: send its value, not its id.", status: 401)
    static let secretExpired = EntraError(
        7_000_222, "invalid_client", "The client secret keys of the application have expired.", status: 401)
    static let secretFromPublicClient = EntraError(
        700025, "invalid_client", "The client is public: it must present neither an assertion nor a secret.",
        status: 401)
    static let assertionWrong = EntraError(
        700027, "invalid_client", "The client assertion failed the check of its signature.", status: 401)
    static let assertionTime = EntraError(
        700024, "invalid_client", "The client assertion is not within its valid time range.", status: 401)
    static let assertionUsed = EntraError(
        700027, "invalid_client", "The client assertion was used before.", status: 401)
    static func unsupportedGrant(_ grant: String) -> EntraError {
        EntraError(70003, "unsupported_grant_type", "The grant type '\(grant)' is not supported.")
    }
    static let twoResources = EntraError(
        700022, "invalid_scope", "The scope contains more than one resource; an access token is for one.")
    static func badScope(_ scope: String) -> EntraError {
        EntraError(70011, "invalid_scope", "The scope '\(scope)' is not valid.")
    }
    static func unknownResource(_ resource: String) -> EntraError {
        EntraError(500011, "invalid_resource", "The resource '\(resource)' was not found in the tenant.")
    }
    static let notConsented = EntraError(
        65001, "invalid_grant", "The user or administrator has not consented to use the application.",
        suberror: "consent_required")
    static let malformedToken = EntraError(9_002_313, "invalid_grant", "The request is malformed or invalid.")
    static let foreignGrant = EntraError(
        70000, "invalid_grant", "The grant was issued to another client.", suberror: "client_mismatch")
    static let invalidGrant = EntraError(70000, "invalid_grant", "The grant is not valid.", suberror: "bad_token")
    static let revoked = EntraError(
        50173, "invalid_grant", "The grant was revoked; a fresh sign-in is needed.", suberror: "bad_token")
    static let inactive = EntraError(
        700082, "invalid_grant", "The refresh token has expired due to inactivity.", suberror: "token_expired")
    static let codeExpired = EntraError(70008, "invalid_grant", "The code has expired.")
    static let codeRedeemed = EntraError(54005, "invalid_grant", "The code was redeemed already.")
    static let verifierWrong = EntraError(501481, "invalid_grant", "The code_verifier does not match the challenge.")
    static let redirectWrong = EntraError(50011, "invalid_request", "The redirect URI is not the one registered.")
    static let unsupportedResponseType = EntraError(
        70005, "unsupported_response_type", "The response type is not supported for this client.")
    static let declinedInBrowser = EntraError(65004, "access_denied", "The user declined to consent.")
    static let pending = EntraError(70016, "authorization_pending", "The user has not finished signing in.")
    static let declined = EntraError(65004, "authorization_declined", "The user declined to consent.")
    static let deviceCodeExpired = EntraError(70019, "expired_token", "The device code has expired.")
    static let badDeviceCode = EntraError(70018, "bad_verification_code", "The device code is not known.")
    static let slowDown = EntraError(70016, "slow_down", "Requests come faster than the interval.")
}
