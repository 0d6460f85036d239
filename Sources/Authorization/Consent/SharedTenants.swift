import MailModel

extension Provider {
    /// Whether people of every tenant of Entra may sign in: then a name says which address somebody has in a tenant that
    /// nobody here knows.
    ///
    /// `consumers` is not among them: personal accounts have one namespace.
    var isOfEveryTenant: Bool {
        if isMicrosoft, let tenant, Provider.sharedTenants.contains(tenant.lowercased()) { return true }
        guard let url = authorizeURL?.lowercased(), let scheme = url.firstRange(of: "://") else { return false }
        let parts = url[scheme.upperBound...].split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count > 1 && Provider.entraHosts.contains(String(parts[0]))
            && Provider.sharedTenants.contains(String(parts[1]))
    }

    private static let sharedTenants: Set = ["common", "organizations"]
    /// Of all clouds.
    private static let entraHosts: Set = [
        "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn",
    ]
}
