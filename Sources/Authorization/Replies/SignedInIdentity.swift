import MailModel

/// Who signed in, from the claims of an ID token (OpenID Connect Core §2).
///
/// The signature is not checked: the token came over TLS from the token endpoint itself (OpenID Connect Core §3.1.3.7).
///
/// A consent that comes by a link is stored because of it: it holds only names that the provider vouches for, so that
/// nobody passes for somebody else by writing their address into an attribute of their own account.
public struct SignedInIdentity: Hashable, Sendable {
    /// `sub`: stable, at Entra different for each app.
    public var subject: String?
    /// `oid`: with `tenantID` the stable identity at Entra.
    public var objectID: String?
    /// `tid`.
    public var tenantID: String?
    /// `preferred_username`: usually the address; it can change, and be a telephone number.
    public var preferredUsername: String?
    /// `email`, where the provider vouches for it.
    public var email: String?

    public init(
        subject: String? = nil, objectID: String? = nil, tenantID: String? = nil, preferredUsername: String? = nil,
        email: String? = nil
    ) {
        self.subject = subject
        self.objectID = objectID
        self.tenantID = tenantID
        self.preferredUsername = preferredUsername
        self.email = email
    }

    /// `nil` when `idToken` is no JWT whose claims can be read.
    init?(idToken: String) {
        guard let identity = IDToken(idToken)?.identity else { return nil }
        self = identity
    }

    /// The names an operator would know the person by; empty when the token holds none.
    public var names: [String] {
        var names: [String] = []
        for name in [preferredUsername, email].compactMap({ $0 }) where !names.contains(name) { names.append(name) }
        return names
    }

    /// Whether it is who an account's sign-in is for, by any of their names.
    public func isExpected(by signIn: SignInSettings) -> Bool {
        ([signIn.authorizedAs] + signIn.aliases).contains(where: isNamed)
    }

    /// Whether this is who `authorizedAs` names; case does not matter.
    public func isNamed(_ authorizedAs: String) -> Bool {
        names.contains { $0.lowercased() == authorizedAs.lowercased() }
    }

    /// Whether the provider knows this person under another stable id than `earlier`. Names do not count: they change, and
    /// a freed one is given to somebody else. `false` where one of the ids is not known.
    public func isSomebodyElse(than earlier: SignedInIdentity) -> Bool {
        // Without a tenant it is `sub`, which is another thing than `oid`.
        guard let id = objectID ?? subject, let other = earlier.objectID ?? earlier.subject,
            (tenantID == nil) == (earlier.tenantID == nil)
        else { return false }
        return id != other || tenantID != earlier.tenantID
    }
}
