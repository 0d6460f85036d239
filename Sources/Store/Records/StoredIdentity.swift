/// Who signed in, as the provider said.
public struct StoredIdentity: Hashable, Sendable {
    /// `oid`, else `sub`: stable.
    public var objectID: String?
    /// `tid`.
    public var tenantID: String?
    /// `preferred_username`: may change, for people only.
    public var userName: String?
    public var email: String?

    public init(objectID: String? = nil, tenantID: String? = nil, userName: String? = nil, email: String? = nil) {
        self.objectID = objectID
        self.tenantID = tenantID
        self.userName = userName
        self.email = email
    }
}
