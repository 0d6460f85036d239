/// The control API over TCP.
public struct APISettings: Hashable, Sendable {
    public enum Scope: String, Sendable, CaseIterable { case read, send, manage }

    public struct Token: Hashable, Sendable {
        public var scopes: Set<Scope>
        public var hash: String

        public init(scopes: Set<Scope>, hash: String) {
            self.scopes = scopes
            self.hash = hash
        }
    }

    public var listen: String
    public var tls: ListenerTLS?
    public var tokens: [String: Token] = [:]

    public init(listen: String) { self.listen = listen }
}
