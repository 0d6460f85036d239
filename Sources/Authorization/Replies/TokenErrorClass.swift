import Diagnostics

/// What kind of refusal an OAuth error is. Decided on `error`, `suberror` and the HTTP status only: Microsoft warns that
/// texts and AADSTS numbers change (reference-error-codes).
///
/// Whose trouble it is (`reach`) cannot be told like that of a Google service account, which has one `error` for a bad key and
/// for a user who is not there: only there the beginning of the documented text is looked at. A wrong guess costs a probe.
enum TokenErrorClass: Equatable {
    case temporary
    case ownerMustSignIn
    case clientRefused
    case misconfigured(Failure.Party)

    init(status: Int, error: TokenError?, kind: TokenRequest.Kind, hasRetryAfter: Bool) {
        if TokenErrorClass.isTemporary(status: status) {
            self = .temporary
        } else if let error {
            self = TokenErrorClass(error, kind)
        } else if hasRetryAfter || (200..<300).contains(status) {
            // A page instead of a token, from something between us and the provider.
            self = .temporary
        } else {
            self = .misconfigured(.operatorOfPostbote)
        }
    }

    /// Request timeout, too early, too many requests, and whatever the server blames on itself.
    private static func isTemporary(status: Int) -> Bool {
        [408, 425, 429].contains(status) || (500..<600).contains(status)
    }

    private init(_ error: TokenError, _ kind: TokenRequest.Kind) {
        switch error.error {
        case "temporarily_unavailable", "server_error", "internal_failure", "slow_down":
            self = .temporary
        case "invalid_grant":
            self = TokenErrorClass(invalidGrant: error.suberror, kind)
        case "interaction_required", "login_required", "consent_required", "account_selection_required",
            "expired_token":
            self = kind.isDelegated ? .ownerMustSignIn : .misconfigured(.tenantAdministrator)
        case "invalid_client":
            self = .clientRefused
        case "access_denied" where kind == .authorize:
            // The person said no, or was not allowed to say yes (RFC 6749 §4.1.2.1).
            self = .ownerMustSignIn
        case "access_denied", "invalid_resource", "admin_policy_enforced", "org_internal":
            self = .misconfigured(.tenantAdministrator)
        case "unauthorized_client" where kind == .serviceAccount:
            // Domain-wide delegation is missing, or lacks the scope.
            self = .misconfigured(.tenantAdministrator)
        default:
            // invalid_request, invalid_scope, unauthorized_client, unsupported_grant_type, invalid_tenant, and what is
            // not known yet: parked and probed, so that a wrong guess heals by itself.
            self = .misconfigured(.operatorOfPostbote)
        }
    }

    private init(invalidGrant suberror: String?, _ kind: TokenRequest.Kind) {
        guard kind != .serviceAccount else {
            // The key, this machine's clock, or the name of the user.
            self = .misconfigured(.operatorOfPostbote)
            return
        }
        switch suberror {
        case "protection_policy_required", "device_authentication_failed":
            // No sign-in at a server's terminal satisfies a device policy.
            self = .misconfigured(.tenantAdministrator)
        default:
            self = kind.isDelegated ? .ownerMustSignIn : .misconfigured(.tenantAdministrator)
        }
    }

    /// Whether every account of the provider meets the same refusal.
    func reach(status: Int, error: TokenError?, kind: TokenRequest.Kind) -> TokenFailure.Reach {
        switch self {
        case .temporary, .ownerMustSignIn: return .credential
        case .clientRefused: return .provider
        case .misconfigured:
            guard kind != .application else { return .provider }
            // Without an error object: a wrong address, or a proxy in the way.
            guard let error else {
                return [404, 405, 407, 410].contains(status) || status < 400 ? .provider : .credential
            }
            if kind == .serviceAccount { return TokenErrorClass.reachOfServiceAccount(error) }
            // Of an app that is not known, but also of a refresh token that another client of Google got, and of an account
            // that Entra has locked (50053).
            if error.error == "unauthorized_client" { return .unclear }
            return TokenErrorClass.errorsOfTheApp.contains(error.error) ? .provider : .credential
        }
    }

    private static let errorsOfTheApp: Set = [
        "invalid_scope", "invalid_resource", "unsupported_grant_type", "invalid_tenant", "disabled_client",
        "deleted_client",
    ]

    /// A user in a foreign domain, who must not stop the others, is refused with the same `unauthorized_client` as all are
    /// without domain-wide delegation.
    private static func reachOfServiceAccount(_ error: TokenError) -> TokenFailure.Reach {
        switch error.error {
        case "unauthorized_client": .credential
        case "invalid_grant":
            ["Invalid JWT", "Invalid grant: account not found"]
                .contains { error.description?.hasPrefix($0) == true } ? .provider : .credential
        default: errorsOfTheApp.contains(error.error) ? .provider : .credential
        }
    }
}
