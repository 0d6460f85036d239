/// What a client asks for in `scope`: permissions at resources, and OpenID Connect's own.
struct RequestedScope: Sendable {
    struct Permission: Hashable, Sendable {
        var resource: String
        var name: String
    }

    static let graph = "https://graph.microsoft.com"
    static let outlook = "https://outlook.office.com"
    private static let openIDScopes: Set<String> = ["openid", "profile", "email", "offline_access"]
    /// Other names of the same resource.
    private static let aliases = ["https://outlook.office365.com": outlook, "https://ps.outlook.com": outlook]
    static let entraResources: Set<String> = [graph, outlook]

    var permissions: [Permission] = []
    var openID: [String] = []

    init(_ text: String) {
        for word in text.split(separator: " ").map(String.init) {
            if Self.openIDScopes.contains(word) {
                openID.append(word)
            } else {
                permissions.append(Self.permission(word))
            }
        }
    }

    var resources: Set<String> { Set(permissions.map(\.resource)) }
    var isDefault: Bool { permissions.contains { $0.name == ".default" } }

    /// Entra's rules for a token request: one resource, known to it, either `.default` or permissions.
    func checkForOneToken(_ text: String) throws(EntraError) {
        guard resources.count <= 1 else { throw .twoResources }
        if let resource = resources.first, !Self.entraResources.contains(resource) {
            throw .unknownResource(resource)
        }
        let isMixed = isDefault && permissions.count > 1
        guard !isMixed, !permissions.contains(where: { $0.name.isEmpty }), !(permissions.isEmpty && openID.isEmpty)
        else {
            throw .badScope(text)
        }
    }

    private static func permission(_ word: String) -> Permission {
        // A scope without a resource is one of Graph's.
        guard word.hasPrefix("https://"), let slash = word.lastIndex(of: "/") else {
            return Permission(resource: graph, name: word)
        }
        let resource = String(word[..<slash])
        return Permission(resource: aliases[resource] ?? resource, name: String(word[word.index(after: slash)...]))
    }
}
