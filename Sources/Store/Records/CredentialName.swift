import MailModel

/// What a credential is found by: a provider, and whoever signed in there.
public struct CredentialName: Hashable, Sendable {
    public let provider: ProviderName
    /// In lower case; empty: the app itself.
    public let subject: String

    public init(provider: ProviderName, subject: String) {
        self.provider = provider
        self.subject = subject.lowercased()
    }
}
