import Diagnostics
import MailModel

/// A refusal of a token endpoint, or of the way to it, classified once.
struct TokenFailure: Error, Sendable {
    /// Whose trouble it is.
    enum Reach: Sendable {
        /// One person's consent.
        case credential
        /// The app registration, and so every account of the provider.
        case provider
        /// One or the other: as soon as it hits a second consent, the app.
        case unclear
    }

    /// What the caller does about it; `failure.retry` says the same to everybody else.
    enum Kind: Sendable, Equatable {
        /// Tried again after a back-off, or after the wait the server asked for.
        case temporary(after: Duration?)
        /// The client secret was refused: another one may be tried.
        case clientRefused
        /// Only a person can change it.
        case refused
    }

    var kind: Kind
    var reach: Reach
    var failure: Failure
    /// The provider's own code (RFC 6749 §5.2), where it gave one.
    var error: String?
    /// A challenge to be passed into the next sign-in (Entra's `claims`).
    var claims: String?

    /// Trouble on the way: what Transport threw, or what is missing for a request.
    init(onTheWay failure: Failure) {
        var failure = failure
        switch failure.retry {
        case .now:
            failure.retry = .later(after: nil)
            kind = .temporary(after: nil)
        case .later(let wait): kind = .temporary(after: wait)
        case .whenReauthorized, .whenReconfigured, .never: kind = .refused
        }
        failure.scope = .account
        // What a setting causes before there is a reply, such as a secret that cannot be read or a certificate that is not
        // trusted, hits all accounts of the provider.
        if case .whenReconfigured = failure.retry { reach = .provider } else { reach = .credential }
        self.failure = failure
    }

    init(_ kind: Kind, _ reach: Reach, _ failure: Failure, error: String? = nil, claims: String? = nil) {
        self.kind = kind
        self.reach = reach
        self.failure = failure
        self.error = error
        self.claims = claims
    }
}
