import Crypto
import Diagnostics
import Foundation

/// What the token and device endpoints decide: requests in, answers or refusals out. No socket, no clock.
struct TokenRules: Sendable {
    let options: AuthorizationOptions
    private(set) var refreshGrants: [String: RefreshGrant] = [:]
    private(set) var deviceGrants: [String: DeviceGrant] = [:]
    private(set) var codeGrants: [String: CodeGrant] = [:]
    /// Every one that was signed, used or not.
    private(set) var accessTokens: [String] = []
    /// Of client assertions.
    private var assertionIDs: Set<String> = []
    /// How often a user was deleted and made anew.
    private var rebirths: [String: Int] = [:]
    private var issued = 0

    init(options: AuthorizationOptions) { self.options = options }

    // MARK: Token endpoint

    mutating func token(_ request: HTTPRequest, tenant: String, now: Timestamp) throws(EntraError) -> JSONValue {
        let form = try checkedForm(request, tenant: tenant)
        guard let grant = form["grant_type"] else { throw .missing("grant_type") }
        // The assertion says who asks.
        if grant == ServiceAccountCheck.grantType, options.dialect == .google {
            return try serviceAccount(form, request, now: now)
        }
        let client = try authenticate(form, request, now: now)
        switch grant {
        case "refresh_token": return try refresh(form, client, now: now)
        case "authorization_code": return try redeemCode(form, client, now: now)
        case "urn:ietf:params:oauth:grant-type:device_code", "device_code":
            return try redeemDeviceCode(form, client, now: now)
        case "client_credentials": return try clientCredentials(form, client, tenant: tenant, now: now)
        default: throw .unsupportedGrant(grant)
        }
    }

    private func checkedForm(_ request: HTTPRequest, tenant: String) throws(EntraError) -> Form {
        guard request.method == "POST" else { throw .notPosted }
        guard let form = request.form else { throw .missing("grant_type") }
        if let name = form.repeatedName { throw .repeated(name) }
        if form["resource"] != nil { throw .resourceParameter }
        guard tenant == options.tenant || options.tenantNames.contains(tenant) else { throw .unknownTenant(tenant) }
        return form
    }

    /// The client, once it has proved to be itself, in the body or with HTTP Basic (RFC 6749 §2.3.1).
    private mutating func authenticate(_ form: Form, _ request: HTTPRequest, now: Timestamp) throws(EntraError)
        -> RegisteredClient
    {
        let basic = BasicCredentials(request.headers["authorization"])
        guard let identifier = form["client_id"] ?? basic?.identifier else { throw .missing("client_id") }
        guard let client = options.clients.first(where: { $0.identifier == identifier }) else {
            throw .unknownClient(identifier)
        }
        if basic != nil, form["client_secret"] != nil { throw .repeated("client_secret") }
        if let assertion = form["client_assertion"] {
            guard !client.isPublic else { throw .secretFromPublicClient }
            guard form["client_assertion_type"] == ClientAssertionCheck.type, form["client_secret"] == nil else {
                throw .assertionWrong
            }
            let check = ClientAssertionCheck(
                client: client, audience: tokenEndpoint(asKnownBy: request),
                algorithms: options.assertionAlgorithms, now: now)
            guard assertionIDs.insert(try check.run(assertion)).inserted else { throw .assertionUsed }
            return client
        }
        try client.check(secret: form["client_secret"] ?? basic?.secret, now: now)
        return client
    }

    private mutating func refresh(_ form: Form, _ client: RegisteredClient, now: Timestamp) throws(EntraError)
        -> JSONValue
    {
        guard let token = form["refresh_token"] else { throw .missing("refresh_token") }
        guard var grant = refreshGrants[token] else { throw .malformedToken }
        guard grant.consent.client == client.identifier else { throw .foreignGrant }
        if grant.state == .replaced {
            revokeFamily(grant.family)
            throw .invalidGrant
        }
        guard grant.state == .valid else { throw .revoked }
        guard now - grant.lastUsed < options.refreshTokenInactivity else { throw .inactive }
        let scope = try checkedScope(form["scope"], consent: grant.consent)
        grant.lastUsed = now
        refreshGrants[token] = grant
        switch options.rotation {
        case .never: return answer(grant.consent, scope, refreshToken: nil, now: now)
        case .keepsOld: break
        case .strict: refreshGrants[token]?.state = .replaced
        }
        let next = newRefreshToken(grant.consent, family: grant.family, now: now)
        return answer(grant.consent, scope, refreshToken: next, now: now)
    }

    private mutating func redeemCode(_ form: Form, _ client: RegisteredClient, now: Timestamp) throws(EntraError)
        -> JSONValue
    {
        guard let code = form["code"] else { throw .missing("code") }
        guard let grant = codeGrants[code] else { throw .malformedToken }
        guard grant.consent.client == client.identifier else { throw .foreignGrant }
        guard !grant.isRedeemed else { throw .codeRedeemed }
        guard now < grant.expires else { throw .codeExpired }
        guard form["redirect_uri"] == grant.redirectURI else { throw .redirectWrong }
        guard Self.challenge(form["code_verifier"] ?? "") == grant.challenge else { throw .verifierWrong }
        let scope = try checkedScope(form["scope"], consent: grant.consent)
        codeGrants[code]?.isRedeemed = true
        return answerSignIn(grant.consent, scope, nonce: grant.nonce, isOffline: grant.isOffline, now: now)
    }

    private mutating func redeemDeviceCode(
        _ form: Form, _ client: RegisteredClient, now: Timestamp
    ) throws(EntraError) -> JSONValue {
        guard let code = form["device_code"] else { throw .missing("device_code") }
        guard let grant = deviceGrants[code] else { throw .badDeviceCode }
        guard grant.client == client.identifier else { throw .foreignGrant }
        guard now < grant.expires else { throw .deviceCodeExpired }
        let isTooFast = grant.lastPoll.map { now - $0 < grant.interval } ?? false
        deviceGrants[code]?.lastPoll = now
        if isTooFast, options.enforcesInterval {
            // RFC 8628 §3.5: five seconds more from now on.
            deviceGrants[code]?.interval += .seconds(5)
            throw .slowDown
        }
        switch grant.state {
        case .pending: throw .pending
        case .declined: throw .declined
        case .redeemed: throw .codeRedeemed
        case .approved(let user):
            let consent = Consent(user: user, client: client.identifier, scope: grant.scope)
            deviceGrants[code]?.state = .redeemed
            return answerSignIn(consent, grant.scope, now: now)
        }
    }

    private mutating func clientCredentials(
        _ form: Form, _ client: RegisteredClient, tenant: String, now: Timestamp
    ) throws(EntraError) -> JSONValue {
        guard !client.isPublic else { throw .secretMissing }
        guard !["common", "organizations", "consumers"].contains(tenant) else { throw .needsTenant }
        guard let text = form["scope"] else { throw .missing("scope") }
        let scope = RequestedScope(text)
        try scope.checkForOneToken(text)
        guard scope.isDefault, scope.openID.isEmpty, let resource = scope.resources.first else {
            throw .badScope(text)
        }
        var granted = RequestedScope("")
        granted.permissions = client.applicationPermissions.map { .init(resource: resource, name: $0) }
        return answer(
            Consent(user: nil, client: client.identifier, scope: granted), scope, refreshToken: nil, now: now)
    }

    /// Google gives an access token and nothing else.
    private mutating func serviceAccount(_ form: Form, _ request: HTTPRequest, now: Timestamp) throws(EntraError)
        -> JSONValue
    {
        guard let assertion = form["assertion"] else { throw .missing("assertion") }
        let check = ServiceAccountCheck(
            accounts: options.serviceAccounts, audience: "http://\(request.headers["host"] ?? "")\(request.path)",
            now: now)
        let (user, text) = try check.run(assertion)
        let scope = RequestedScope(text)
        let consent = Consent(user: user, client: "service account", scope: scope)
        guard case .object(let all) = answer(consent, scope, refreshToken: nil, now: now) else { return [:] }
        return .object(all.filter { ["access_token", "expires_in", "token_type"].contains($0.key) })
    }

    private func checkedScope(_ text: String?, consent: Consent) throws(EntraError) -> RequestedScope {
        // Without a scope: what was consented to, of the first resource other than Graph.
        guard let text else {
            var scope = RequestedScope("")
            let resources = consent.permissions.map(\.resource).sorted()
            let resource = resources.first { $0 != RequestedScope.graph } ?? resources.first
            scope.permissions = consent.permissions.filter { $0.resource == resource }
            scope.openID = consent.openID.sorted()
            return scope
        }
        let scope = RequestedScope(text)
        if options.dialect == .entra { try scope.checkForOneToken(text) }
        guard consent.covers(scope) else { throw .notConsented }
        return scope
    }

    // MARK: Device endpoint

    mutating func device(_ request: HTTPRequest, tenant: String, now: Timestamp) throws(EntraError) -> JSONValue {
        let form = try checkedForm(request, tenant: tenant)
        guard let identifier = form["client_id"] else { throw .missing("client_id") }
        guard options.clients.contains(where: { $0.identifier == identifier }) else {
            throw .unknownClient(identifier)
        }
        guard let scope = form["scope"], !scope.isEmpty else { throw .missing("scope") }
        let deviceCode = newCode("D")
        let userCode = newUserCode()
        deviceGrants[deviceCode] = DeviceGrant(
            client: identifier, userCode: userCode, scope: RequestedScope(scope),
            expires: now + options.deviceCodeLifetime, interval: options.deviceInterval)
        let address =
            options.dialect == .entra ? "https://microsoft.com/devicelogin" : "https://www.google.com/device"
        return [
            "device_code": .text(deviceCode), "user_code": .text(userCode),
            options.dialect == .entra ? "verification_uri" : "verification_url": .text(address),
            "expires_in": .number(options.deviceCodeLifetime.components.seconds),
            "interval": .number(options.deviceInterval.components.seconds),
            "message": .text("To sign in, open \(address) in a browser and enter the code \(userCode)."),
        ]
    }

    // MARK: What people do

    mutating func consent(_ consent: Consent, now: Timestamp) -> String {
        issued += 1
        return newRefreshToken(consent, family: issued, now: now)
    }

    mutating func code(
        _ consent: Consent, request: Form, redirectURI: String, challenge: String, now: Timestamp
    ) -> String {
        let code = newCode("C")
        codeGrants[code] = CodeGrant(
            consent: consent, redirectURI: redirectURI, challenge: challenge, nonce: request["nonce"],
            isOffline: request["access_type"] == "offline", expires: now + .seconds(600))
        return code
    }

    /// Whether there was such a code, still waiting.
    mutating func decideDevice(userCode: String, _ state: DeviceGrant.State) -> Bool {
        guard let (code, _) = deviceGrants.first(where: { $1.userCode == userCode && $1.state == .pending }) else {
            return false
        }
        deviceGrants[code]?.state = state
        return true
    }

    mutating func recreate(user: String) { rebirths[user, default: 0] += 1 }

    mutating func revoke(where condition: (RefreshGrant) -> Bool) {
        for (token, grant) in refreshGrants where condition(grant) { refreshGrants[token]?.state = .revoked }
    }

    mutating func revoke(token: String) {
        if let family = refreshGrants[token]?.family { revokeFamily(family) }
    }

    /// The revocation endpoint (RFC 7009). It takes any client's proof but none at all; Google's asks for none, and says of a
    /// token that is not good any more that it is none.
    mutating func revoke(_ request: HTTPRequest, now: Timestamp) throws(EntraError) {
        guard request.method == "POST", let form = request.form else { throw .notPosted }
        if let name = form.repeatedName { throw .repeated(name) }
        guard let token = form["token"] else { throw .missing("token") }
        switch options.dialect {
        case .google:
            guard refreshGrants[token]?.state == .valid else {
                throw EntraError(0, "invalid_token", "Token expired or revoked")
            }
        case .entra: _ = try authenticate(form, request, now: now)
        }
        revoke(token: token)
    }

    private mutating func revokeFamily(_ family: Int) { revoke { $0.family == family } }

    // MARK: Answers

    private mutating func answerSignIn(
        _ consent: Consent, _ scope: RequestedScope, nonce: String? = nil, isOffline: Bool = true, now: Timestamp
    ) -> JSONValue {
        issued += 1
        let isLasting = options.dialect == .google ? isOffline : consent.openID.contains("offline_access")
        let refreshToken = isLasting ? newRefreshToken(consent, family: issued, now: now) : nil
        return answer(consent, scope, refreshToken: refreshToken, nonce: nonce, now: now)
    }

    private mutating func answer(
        _ consent: Consent, _ scope: RequestedScope, refreshToken: String?, nonce: String? = nil, now: Timestamp
    ) -> JSONValue {
        issued += 1
        let resource = scope.permissions.first?.resource ?? RequestedScope.graph
        var token = AccessToken(
            user: consent.user, issuer: options.issuer, audience: audience(of: resource),
            scopes: consent.granted(for: resource, asked: scope), issued: now, lifetime: options.accessTokenLifetime)
        token.clientID = consent.client
        token.identifier = "token-\(issued)"
        token.filling = options.accessTokenFilling
        let text = signed(token)
        accessTokens.append(text)
        var members: [String: JSONValue] = ["token_type": "Bearer", "access_token": .text(text)]
        members["scope"] = .text(scopeText(resource, token.scopes, scope.openID))
        members["refresh_token"] = refreshToken.map { .text($0) }
        members["id_token"] =
            scope.openID.contains("openid") ? identityToken(consent, nonce: nonce, now: now).map { .text($0) } : nil
        let seconds = options.accessTokenLifetime.components.seconds
        switch options.expiresIn {
        case .number: members["expires_in"] = .number(seconds)
        case .text: members["expires_in"] = .text("\(seconds)")
        case .absent: break
        }
        if options.dialect == .entra, options.expiresIn != .absent { members["ext_expires_in"] = .number(seconds) }
        return .object(members)
    }

    /// What a client's assertion names, whatever endpoint it goes to (RFC 7523 §3).
    private func tokenEndpoint(asKnownBy request: HTTPRequest) -> String {
        let path = request.path == "/revoke" ? "/\(options.tenant)/oauth2/v2.0/token" : request.path
        return "http://\(request.headers["host"] ?? "")\(path)"
    }

    /// Dovecot checks one audience, whatever the mail service of the dialect calls it.
    private func audience(of resource: String) -> String {
        options.dialect == .google || resource == RequestedScope.outlook ? AccessToken.audience : resource
    }

    private func scopeText(_ resource: String, _ names: [String], _ openID: [String]) -> String {
        (names.map { "\(resource)/\($0)" } + openID).joined(separator: " ")
    }

    private func identityToken(_ consent: Consent, nonce: String?, now: Timestamp) -> String? {
        guard let user = consent.user else { return nil }
        var claims: [String: JSONValue] = [
            "aud": .text(consent.client), "sub": .text(Self.objectIdentifier(of: user + consent.client)),
            "email": .text(options.claimedEmail ?? user), "name": .text(user), "iat": .number(now.seconds),
            "exp": .number((now + .seconds(3600)).seconds),
        ]
        switch options.dialect {
        case .entra:
            claims["iss"] = .text("https://login.microsoftonline.com/\(options.tenant)/v2.0")
            claims["ver"] = "2.0"
            claims["nbf"] = .number(now.seconds)
            // Only who asks for `profile` hears who it is.
            if consent.openID.contains("profile") {
                let birth = String(repeating: "'", count: rebirths[user] ?? 0)
                claims["oid"] = .text(Self.objectIdentifier(of: user + birth))
                claims["tid"] = .text(options.tenant)
                claims["preferred_username"] = .text(user)
            }
        case .google:
            claims["iss"] = "https://accounts.google.com"
        }
        claims["nonce"] = (options.foreignNonce ?? nonce).map { .text($0) }
        return try? options.signer.sign(claims)
    }

    private func signed(_ token: AccessToken) -> String {
        guard let text = try? token.signed(by: options.signer) else { preconditionFailure("a private key can sign") }
        return text
    }

    // MARK: Names

    /// The same for the same name: what Entra calls `oid`.
    static func objectIdentifier(of user: String) -> String {
        let digest = SHA256.hash(data: Data(user.lowercased().utf8)).prefix(16).map { byte in
            byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }
        let parts = [digest[0..<4], digest[4..<6], digest[6..<8], digest[8..<10], digest[10..<16]]
        return parts.map { $0.joined() }.joined(separator: "-")
    }

    /// RFC 7636 §4.2.
    static func challenge(_ verifier: String) -> String {
        Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private mutating func newRefreshToken(_ consent: Consent, family: Int, now: Timestamp) -> String {
        let token = newCode("R")
        refreshGrants[token] = RefreshGrant(consent: consent, family: family, lastUsed: now)
        return token
    }

    private func newCode(_ kind: String) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        // As long as Entra's are, give or take.
        return "1.\(kind)." + String((0..<900).map { _ in letters[Int.random(in: 0..<64)] })
    }

    private func newUserCode() -> String {
        let letters = Array("BCDFGHJKLMNPQRSTVWXZ23456789")
        return String((0..<9).map { _ in letters[Int.random(in: 0..<letters.count)] })
    }
}
