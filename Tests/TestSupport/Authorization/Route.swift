import Diagnostics

/// Which endpoint of which tenant an address means.
struct Route: Sendable {
    let endpoint: AuthorizationRecord.Endpoint
    let tenant: String

    init(_ request: HTTPRequest) {
        let parts = request.path.split(separator: "/").map(String.init)
        tenant = parts.first ?? ""
        endpoint =
            switch Array(parts.dropFirst()) {
            case ["oauth2", "v2.0", "token"]: .token
            case ["oauth2", "v2.0", "devicecode"]: .device
            case ["oauth2", "v2.0", "authorize"]: .authorize
            case ["v2.0", ".well-known", "openid-configuration"]: .discovery
            case [] where tenant == "revoke": .revoke
            default: .unknown
            }
    }

    func answer(
        _ request: HTTPRequest, _ state: inout AuthorizationServer.State, omitting: [String], now: Timestamp
    ) throws(EntraError) -> HTTPAnswer {
        switch endpoint {
        case .token:
            return .json(Self.without(omitting, try state.rules.token(request, tenant: tenant, now: now)))
        case .device:
            return .json(Self.without(omitting, try state.rules.device(request, tenant: tenant, now: now)))
        case .authorize: return try authorize(request, &state, now: now)
        case .discovery: return .json(discovery(request))
        case .revoke:
            // RFC 7009 §2.2: 200 also for a token that is not known.
            state.rules.revoke(token: request.form?["token"] ?? request.query["token"] ?? "")
            return .json([:])
        case .unknown: return HTTPAnswer(404)
        }
    }

    private static func without(_ names: [String], _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = value else { return value }
        for name in names { members[name] = nil }
        return .object(members)
    }

    private func discovery(_ request: HTTPRequest) -> JSONValue {
        let address = "http://\(request.headers["host"] ?? "localhost")/\(tenant)"
        return [
            "issuer": .text("\(address)/v2.0"), "token_endpoint": .text("\(address)/oauth2/v2.0/token"),
            "authorization_endpoint": .text("\(address)/oauth2/v2.0/authorize"),
            "device_authorization_endpoint": .text("\(address)/oauth2/v2.0/devicecode"),
        ]
    }

    /// The browser's page, with somebody before it who signs in or declines at once.
    private func authorize(
        _ request: HTTPRequest, _ state: inout AuthorizationServer.State, now: Timestamp
    ) throws(EntraError) -> HTTPAnswer {
        let query = request.query
        guard let identifier = query["client_id"] else { throw .missing("client_id") }
        guard let client = state.rules.options.clients.first(where: { $0.identifier == identifier }) else {
            throw .unknownClient(identifier)
        }
        // Never redirected to an address that is not registered (RFC 6749 §4.1.2.1).
        guard let redirect = query["redirect_uri"], client.allows(redirectURI: redirect) else { throw .redirectWrong }
        guard query["response_type"] == "code" else { throw .missing("response_type") }
        guard let scope = query["scope"] else { throw .missing("scope") }
        var answer = query["state"].map { "&state=\($0)" } ?? ""
        if let user = state.browserUser {
            let consent = Consent(user: user, client: identifier, scope: RequestedScope(scope))
            let code = state.rules.code(
                consent, redirectURI: redirect, challenge: query["code_challenge"], now: now)
            answer = "code=\(code)" + answer
        } else {
            answer = "error=access_denied&error_description=AADSTS65004" + answer
        }
        let separator = redirect.contains("?") ? "&" : "?"
        return HTTPAnswer(302, headers: [("Location", redirect + separator + answer)])
    }
}

extension TokenRules {
    /// What a request is about, as far as it can be told before it is decided.
    func subject(of request: HTTPRequest) -> (grantType: String?, client: String?, user: String?) {
        let form = request.form
        let client = form?["client_id"] ?? BasicCredentials(request.headers["authorization"])?.identifier
        let refresh = form?["refresh_token"].flatMap { refreshGrants[$0]?.consent.user }
        let code = form?["code"].flatMap { codeGrants[$0]?.consent.user }
        return (form?["grant_type"], client, refresh ?? code)
    }
}
