import Diagnostics

/// Which endpoint of which tenant an address means.
struct Route: Sendable {
    let endpoint: AuthorizationRecord.Endpoint
    let tenant: String

    init(_ request: HTTPRequest) {
        let parts = request.path.split(separator: "/").map(String.init)
        // RFC 8414 §3.1 puts its name before the issuer's path.
        let isInFront = parts.starts(with: [".well-known", "oauth-authorization-server"])
        tenant = (isInFront ? parts.dropFirst(2).first : parts.first) ?? ""
        if isInFront || parts == [".well-known", "openid-configuration"] {
            endpoint = .discovery
            return
        }
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
        case .discovery: return .json(discovery(request, state.rules.options))
        case .revoke:
            try state.rules.revoke(request, now: now)
            return .json([:])
        case .unknown: return HTTPAnswer(404)
        }
    }

    private static func without(_ names: [String], _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = value else { return value }
        for name in names { members[name] = nil }
        return .object(members)
    }

    /// As Entra and Google publish it.
    private func discovery(_ request: HTTPRequest, _ options: AuthorizationOptions) -> JSONValue {
        let host = "http://\(request.headers["host"] ?? "localhost")"
        let address = "\(host)/\(tenant.hasPrefix(".") ? options.tenant : tenant)"
        let isShared = ["common", "organizations"].contains(tenant)
        var members: [String: JSONValue] = [
            "token_endpoint": .text("\(address)/oauth2/v2.0/token"),
            "authorization_endpoint": .text("\(address)/oauth2/v2.0/authorize"),
            "device_authorization_endpoint": .text("\(address)/oauth2/v2.0/devicecode"),
            "response_types_supported": ["code"], "scopes_supported": ["openid", "offline_access"],
        ]
        switch options.dialect {
        case .entra:
            // Of several tenants a template; of one its id, whatever it was called.
            members["issuer"] = .text("\(host)/\(isShared ? "{tenantid}" : options.tenant)/v2.0")
        case .google:
            members["issuer"] = .text(host)
            members["revocation_endpoint"] = .text("\(host)/revoke")
        }
        return .object(members)
    }

    /// The browser's page: with somebody before it who signs in or declines at once, or forms for a real browser.
    private func authorize(
        _ request: HTTPRequest, _ state: inout AuthorizationServer.State, now: Timestamp
    ) throws(EntraError) -> HTTPAnswer {
        let query = request.query
        guard request.method == "GET" || state.people != nil else { throw .missing("client_id") }
        if let name = query.repeatedName { throw .repeated(name) }
        guard let identifier = query["client_id"] else { throw .missing("client_id") }
        guard let client = state.rules.options.clients.first(where: { $0.identifier == identifier }) else {
            throw .unknownClient(identifier)
        }
        // Never redirected to an address that is not registered (RFC 6749 §4.1.2.1).
        guard let redirect = query["redirect_uri"], client.allows(redirectURI: redirect) else { throw .redirectWrong }
        guard query["response_type"] == "code" else {
            return Self.redirect(request, error: .unsupportedResponseType)
        }
        guard let scope = query["scope"], !scope.isEmpty else {
            return Self.redirect(request, error: .missing("scope"))
        }
        guard let challenge = query["code_challenge"], (43...128).contains(challenge.count) else {
            return Self.redirect(request, error: .missing("code_challenge"))
        }
        // Without a method it would be the verifier itself (RFC 7636 §4.3).
        guard query["code_challenge_method"] == "S256" else {
            return Self.redirect(request, error: .missing("code_challenge_method"))
        }
        let asks = (query["prompt"] ?? "").split(separator: " ")
        let remembered = asks.contains("select_account") || asks.contains("login") ? nil : state.rememberedUser
        let person: String?
        if let people = state.people {
            switch SignInForm.step(request, people: people, remembered: remembered) {
            case .page(let page): return page
            case .allowed(let user): person = user
            case .declined: person = nil
            }
        } else {
            person = remembered ?? state.browserUser
        }
        guard let user = person else { return Self.redirect(request, error: .declinedInBrowser) }
        let consent = Consent(user: user, client: identifier, scope: RequestedScope(scope))
        let code = state.rules.code(consent, request: query, redirectURI: redirect, challenge: challenge, now: now)
        return Self.redirect(request, [("code", code), ("session_state", "3f0c2a1e")])
    }

    /// Back to the client, with an error (RFC 6749 §4.1.2.1).
    static func redirect(_ request: HTTPRequest, error: EntraError) -> HTTPAnswer {
        redirect(
            request,
            [("error", error.error), ("error_description", "AADSTS\(error.code): \(error.text)\r\nTrace ID: 1")])
    }

    private static func redirect(_ request: HTTPRequest, _ parameters: [(String, String)]) -> HTTPAnswer {
        var address = request.query["redirect_uri"] ?? ""
        // Without a path it comes back with a slash, as from Entra.
        if address.wholeMatch(of: /https?:\/\/[^\/?]+/) != nil { address += "/" }
        let more = parameters + (request.query["state"].map { [("state", $0)] } ?? [])
        let query = more.map { "\($0)=\(PlainHTTPClient.encode($1))" }.joined(separator: "&")
        return HTTPAnswer(302, headers: [("Location", address + (address.contains("?") ? "&" : "?") + query)])
    }
}

extension TokenRules {
    /// What a request is about, as far as it can be told before it is decided.
    func subject(of request: HTTPRequest) -> (grantType: String?, client: String?, user: String?) {
        let form = request.form
        let client = form?["client_id"] ?? BasicCredentials(request.headers["authorization"])?.identifier
        let refresh = form?["refresh_token"].flatMap { refreshGrants[$0]?.consent.user }
        let code = form?["code"].flatMap { codeGrants[$0]?.consent.user }
        let acted = form?["assertion"].flatMap(ServiceAccountCheck.user)
        let revoked = form?["token"].flatMap { refreshGrants[$0]?.consent.user }
        return (form?["grant_type"], client, refresh ?? code ?? acted ?? revoked)
    }
}
