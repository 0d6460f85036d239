import MailModel

/// Whose consent it is: a provider's and whoever signed in, or a provider's and the app itself.
///
/// One serves all accounts that name the same person, and one app credential all accounts of the provider.
public struct CredentialKey: Hashable, Sendable, CustomStringConvertible {
    public let provider: ProviderName
    /// The address of the person, in lower case; empty for the app itself.
    public let subject: String

    public init(provider: ProviderName, person: String) {
        self.provider = provider
        subject = person.lowercased()
    }

    public init(application provider: ProviderName) {
        self.provider = provider
        subject = ""
    }

    /// `nil` with a password, which needs no credential of ours.
    public init?(_ signIn: SignInSettings, grant: Provider.Grant) {
        switch grant {
        case .authorizationCode: self.init(provider: signIn.provider, person: signIn.authorizedAs)
        case .serviceAccount: self.init(provider: signIn.provider, person: signIn.login)
        case .clientCredentials: self.init(application: signIn.provider)
        case .password: return nil
        }
    }

    public var description: String { subject.isEmpty ? provider.text : "\(provider)/\(subject)" }
}
