/// Who signs in where: the part of an account that one direction needs to open its server.
public struct SignInSettings: Hashable, Sendable {
    public var provider: ProviderName
    /// The identity given to the server (`user=` in XOAUTH2).
    public var login: String
    /// Who signed in, where the mail server may want their name instead of `login`: of a shared mailbox whose `login` the
    /// configuration does not write out. For sending only: whoever signs in for receiving opens the mailbox of that name.
    public var otherLogin: String?
    /// Who must have consented; differs from `login` for shared mailboxes.
    public var authorizedAs: String
    /// Other names under which the provider may know the same person.
    public var aliases: [String]
    /// Only with `grant: password`.
    public var password: SecretSource?

    public init(
        provider: ProviderName, login: String, otherLogin: String? = nil, authorizedAs: String,
        aliases: [String] = [], password: SecretSource? = nil
    ) {
        self.provider = provider
        self.login = login
        self.otherLogin = otherLogin
        self.authorizedAs = authorizedAs
        self.aliases = aliases
        self.password = password
    }
}
