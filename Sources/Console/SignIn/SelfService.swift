import Diagnostics
import Operations

/// What the pages of self-service sign-in ask of the daemon. The daemon implements it; the pages know nothing else.
///
/// Whoever asks is unknown: the daemon tells them no more than what they need for signing in.
public protocol SelfService: Sendable {
    /// What a link is good for now. Changes nothing: mail scanners open links, too.
    func look(at link: Secret) async throws -> LinkLook

    /// Begins a sign-in with a link, to be answered in the same browser.
    func begin(_ link: Secret, in browser: BrowserKey) async throws -> LinkBeginning

    /// Ends the sign-in that the answer belongs to.
    func finish(_ answer: AuthorizationAnswer, in browser: BrowserKey) async throws -> LinkAnswer

    /// What came of a sign-in, and how far its check is; `nil` for an id that is not known, or not to this browser.
    func result(_ id: String, in browser: BrowserKey) async throws -> LinkResult?
}

public enum LinkLook: Hashable, Sendable {
    case open(Invitation)
    case closed(LinkEnd)
    case unknown
}

/// Why a link is of no use any more.
public enum LinkEnd: Hashable, Sendable {
    case used, replaced, revoked, exhausted, expired
}

/// What the owner of a mailbox is asked for.
public struct Invitation: Hashable, Sendable {
    /// The addresses of the mailboxes.
    public var mailboxes: [String]
    /// Who has to sign in.
    public var person: String
    /// Where: `Microsoft`, or the host's name.
    public var provider: String
    /// Mail is fetched.
    public var receives: Bool
    /// Mail is sent.
    public var sends: Bool
    /// The machine that Postbote runs on.
    public var host: String
    public var expires: Timestamp

    public init(
        mailboxes: [String], person: String, provider: String, receives: Bool, sends: Bool, host: String,
        expires: Timestamp
    ) {
        self.mailboxes = mailboxes
        self.person = person
        self.provider = provider
        self.receives = receives
        self.sends = sends
        self.host = host
        self.expires = expires
    }
}

public enum LinkBeginning: Hashable, Sendable {
    /// The browser goes on at the provider.
    case away(url: String, provider: String)
    /// The link is of no use.
    case closed(LinkEnd)
    case unknown
    /// It cannot be done now, for this reason.
    case refused(OwnerProblem)
}

public enum LinkAnswer: Hashable, Sendable {
    /// See `result`.
    case result(id: String)
    /// No sign-in waits for this answer: it was answered before, it took too long, or Postbote was restarted.
    case unknown
    /// The sign-in was begun in another browser, and waits on.
    case foreign
}

/// What came of a sign-in.
public struct LinkResult: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// - Parameters:
        ///   - person: who signed in; `nil` where the provider does not say.
        ///   - isLasting: a consent that ends within the hour is a matter for the administrator.
        case signedIn(person: String?, isLasting: Bool, check: OwnerCheck)
        case refused(OwnerProblem)
        /// Meanwhile the link had become useless; nothing was stored.
        case closed(LinkEnd)
    }

    /// With which it is tried again.
    public var link: Secret
    public var outcome: Outcome

    public init(link: Secret, outcome: Outcome) {
        self.link = link
        self.outcome = outcome
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(outcome) }
}
