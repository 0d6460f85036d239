/// Who signs in where: the part of an account that one direction needs to open its server.
public struct SignInSettings: Hashable, Sendable {
    public var provider: ProviderName
    /// The identity given to the server (`user=` in XOAUTH2).
    public var login: String
    /// Who must have consented; differs from `login` for shared mailboxes.
    public var authorizedAs: String
    /// Other names under which the provider may know the same person.
    public var aliases: [String]
    /// Only with `grant: password`.
    public var password: SecretSource?

    public init(
        provider: ProviderName, login: String, authorizedAs: String, aliases: [String] = [],
        password: SecretSource? = nil
    ) {
        self.provider = provider
        self.login = login
        self.authorizedAs = authorizedAs
        self.aliases = aliases
        self.password = password
    }
}
