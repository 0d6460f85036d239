import Diagnostics

/// A link with which the owner of a mailbox signs in by themselves, or why there is none.
public struct SignInLinkReport: Codable, Hashable, Sendable {
    public var account: String
    /// Who has to sign in.
    public var person: String
    /// The link. It is shown once: Postbote keeps only its digest. Missing when it was mailed.
    public var url: String?
    /// Where it was mailed to.
    public var mailedTo: String?
    public var expires: Timestamp?
    /// Why there is no link.
    public var problem: String?

    enum CodingKeys: String, CodingKey {
        case account, person, url
        case mailedTo = "mailed_to"
        case expires, problem
    }

    public init(
        account: String, person: String, url: String? = nil, mailedTo: String? = nil, expires: Timestamp? = nil,
        problem: String? = nil
    ) {
        self.account = account
        self.person = person
        self.url = url
        self.mailedTo = mailedTo
        self.expires = expires
        self.problem = problem
    }
}

/// The links for all accounts that need their owners, in the order of the accounts' names. Accounts that share a consent
/// share a link.
public struct SignInLinkList: Codable, Hashable, Sendable {
    public var links: [SignInLinkReport]

    public init(links: [SignInLinkReport]) { self.links = links }
}
