import Diagnostics

/// Under which name a submission server takes whoever signed in for an account.
public struct FoundLogin: Hashable, Sendable {
    /// Provider, server and names of the configuration it was found with: it says nothing about another one.
    public var asked: String
    public var login: String
    public var found: Timestamp

    public init(asked: String, login: String, found: Timestamp) {
        self.asked = asked
        self.login = login
        self.found = found
    }
}
