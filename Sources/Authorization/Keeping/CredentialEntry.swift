import Diagnostics
import MailModel

/// What the keeper holds of one credential.
struct CredentialEntry: Sendable {
    /// Somebody who waits for a flight.
    struct Waiter: Sendable {
        /// A token that will not do: a mail server refused it, or somebody wants a newer one.
        var insteadOf: AccessToken?
        var continuation: CheckedContinuation<AccessToken, any Error>
    }

    /// Tokens that were granted and could not be stored yet. The refresh token before them may be void already, so that
    /// they are stored first when the disk works again.
    struct Unsaved: Sendable {
        var grant: KeptGrant
        var version: Int64?
    }

    /// Whether there is a token only after somebody has signed in.
    let needsConsent: Bool
    var lifecycle: TokenLifecycle
    var waiters: [Int: Waiter] = [:]
    var identity: SignedInIdentity?
    /// The scopes that the provider named when it granted last; empty when it named none.
    var scopes: [String] = []
    var consentExpires: Timestamp?

    /// - Parameter stored: `nil` when nobody signed in yet.
    init(_ stored: KeptCredential?, needsConsent: Bool, now: Timestamp) {
        self.needsConsent = needsConsent
        guard let grant = stored?.grant else {
            lifecycle = needsConsent ? TokenLifecycle() : TokenLifecycle(nil, due: nil)
            return
        }
        let held = grant.accessToken.map { token in
            TokenLifecycle.Held(token: token, due: grant.refreshDue ?? token.obtained + token.lifetime / 2)
        }
        lifecycle = TokenLifecycle(held, due: needsConsent ? now : nil)
        identity = grant.identity
        scopes = grant.scopes
        consentExpires = grant.refreshTokenExpires
    }

    /// What a waiter gets now; `nil`: it goes on waiting.
    func result(for waiter: Waiter, at now: Timestamp) -> Result<AccessToken, Failure>? {
        // At rest there is no other to come: a provider that gives the same one again has been asked.
        if let token = lifecycle.token, token.isUsable(at: now), token != waiter.insteadOf || lifecycle.isResting {
            return .success(token)
        }
        return lifecycle.setback(at: now).map { .failure($0) }
    }
}

extension CredentialKey {
    var isApplication: Bool { subject.isEmpty }
}

extension Provider {
    /// Whether a person signs in first.
    var needsConsent: Bool { grant == .authorizationCode }
}
