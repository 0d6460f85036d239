import MailModel

/// Which scopes a token request names.
///
/// A consent may cover several resources, a token request only one (Entra answers 28002 or 700022 to two), and a refresh
/// never more than was consented to. IMAP, POP and SMTP of Exchange are one resource.
enum TokenScopes {
    /// What a refresh asks for. Empty: the parameter is left out, which means all that was granted (RFC 6749 §6).
    ///
    /// - Parameters:
    ///   - consent: the scopes a person is asked to allow.
    ///   - granted: the scopes the provider named in its last reply; empty when it named none.
    static func refresh(consent: [String], granted: [String], isMicrosoft: Bool) -> [String] {
        let mail = mailResource(of: consent)
        let ofMail = { (scope: String) in !isIdentity(scope) && resource(of: scope) == mail }
        let known = granted.filter(ofMail)
        let asked = known.isEmpty ? consent.filter(ofMail) : known
        guard isMicrosoft, !asked.isEmpty else { return asked }
        // Entra renews the refresh token and names the person only when asked each time.
        return asked + consent.filter(isIdentity)
    }

    /// The mail scopes among `wanted` that are not in `granted`; none where the provider named no scope that it granted.
    ///
    /// Entra names Exchange's resource as `outlook.office.com` or `outlook.office365.com`, whichever was asked for, so that
    /// what stands behind the host is compared; a `.default` stands for whatever the app may do.
    static func missing(of wanted: [String], granted: [String]) -> [String] {
        guard !granted.isEmpty else { return [] }
        // A token is for one resource, so that those of another are in no reply.
        let mail = mailResource(of: wanted)
        let have = Set(granted.map(permission))
        return wanted.filter { scope in
            !isIdentity(scope) && resource(of: scope) == mail && permission(scope) != ".default"
                && !have.contains(permission(scope))
        }
    }

    /// `smtp.send` of `https://outlook.office.com/SMTP.Send`; the whole of a scope with nothing behind its host.
    private static func permission(_ scope: String) -> String {
        let path = scope.lowercased().dropFirst(resource(of: scope).count).drop { $0 == "/" }
        return path.isEmpty ? scope.lowercased() : String(path)
    }

    /// Scopes of OpenID Connect belong to no resource (OpenID Connect Core §5.4, §11).
    static func isIdentity(_ scope: String) -> Bool {
        ["openid", "profile", "email", "offline_access", "address", "phone"].contains(scope)
    }

    /// The resource the mail servers belong to: that of the first scope, for mail scopes stand first.
    static func mailResource(of scopes: [String]) -> String {
        scopes.first { !isIdentity($0) }.map(resource) ?? ""
    }

    /// `https://outlook.office.com` of `https://outlook.office.com/SMTP.Send`; empty for a scope without a host.
    static func resource(of scope: String) -> String {
        guard let scheme = scope.firstRange(of: "://") else { return "" }
        return scope[..<scheme.upperBound].lowercased()
            + scope[scheme.upperBound...].prefix { $0 != "/" }.lowercased()
    }
}

extension Provider {
    /// Whether Entra, or Microsoft's service for personal accounts, gives the tokens.
    var isMicrosoft: Bool { [.microsoft365, .outlook, .hve].contains(preset) }
}
