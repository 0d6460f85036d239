import MailModel

/// Remembers under which name a submission server took whoever signed in, where that was found by trying.
public protocol LoginMemory: Sendable {
    /// What worked last; `nil`: nothing is known, or of another configuration.
    func login(for settings: SendSettings) async -> String?
    /// `login` worked. Called with every session that is opened: what is known already is not written again, and another name
    /// takes its place only as `LoginVerdict` says.
    func remember(_ login: String, for settings: SendSettings) async
    /// `login` is of no use, although it worked. What else is known stays known.
    func forget(_ login: String, for settings: SendSettings) async
}
