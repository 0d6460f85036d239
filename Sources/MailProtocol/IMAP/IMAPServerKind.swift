/// Whose IMAP server this is, as far as its manners differ.
public enum IMAPServerKind: String, Sendable, CaseIterable {
    /// Exchange Online and Exchange on premises: no response codes, no roles.
    case exchange
    case gmail
    case other

    /// - Parameters:
    ///   - greeting: the first line's text. Exchange's words have changed over time, its name has not.
    ///   - capabilities: the best known so far.
    public init(greeting: String, capabilities: IMAPCapabilities) {
        let lowercased = greeting.lowercased()
        let isExchange =
            lowercased.contains("microsoft exchange")
            || capabilities.names.contains { $0.hasPrefix("BACKENDAUTHENTICATE") }
        let isGmail = capabilities.isGmail || lowercased.contains("gimap")
        self = isExchange ? .exchange : isGmail ? .gmail : .other
    }
}
