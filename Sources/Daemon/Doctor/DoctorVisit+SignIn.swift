import Authorization
import Diagnostics
import MailModel
import Operations

/// Who signs in: the token, and whose it is.
extension DoctorVisit {
    /// What waits or is parked is tried at once; a token that is valid is not replaced.
    func token(_ direction: Direction) async throws -> DoctorFinding {
        let signIn = signIn(direction)
        let provider = provider(direction)
        guard provider.grant != .password else {
            _ = try await ground.tokens.credential(for: signIn)
            return .ok("the grant is password, and the password can be read")
        }
        let token: AccessToken
        do {
            try await ground.tokens.retryNow(signIn)
            token = try await ground.tokens.accessToken(for: signIn)
        } catch let failure as Failure {
            throw named(failure, direction)
        }
        guard let status = try await ground.tokens.status(of: signIn) else {
            return .ok("valid until \(token.expires)")
        }
        credentials[direction] = status
        if let failure = status.failure {
            var finding = DoctorFinding.failed(failure.of(account: account.name.text))
            finding.outcome = .warning
            finding.found = "valid until \(token.expires), but not refreshed lately: \(failure.reason)"
            return finding
        }
        if let end = status.consentExpires, end < clock.now + Limits.endsSoon {
            return .warning(
                "valid until \(token.expires); the consent itself ends \(end)",
                next: "Have \(signIn.authorizedAs) sign in again: `postbote authorize \(account.name) --device`.")
        }
        if let dead = try await ground.tokens.clientProofs(of: provider.name).first(where: { $0.state == .refused }) {
            return .warning(
                "valid until \(token.expires), with the other one; \(dead.name) (\(dead.place)) is dead: "
                    + "\(dead.failure?.reason ?? "it was refused")",
                next: "Replace it, or take it out of provider \(provider.name), then `postbote reload`.")
        }
        if let proof = try await expiryOfProof(of: provider), proof.ends < clock.now + Limits.proofEndsSoon {
            return .warning(
                "valid until \(token.expires); the \(proof.subject.words) ends \(proof.ends)", next: proof.cure + ".")
        }
        return .ok("valid until \(token.expires)")
    }

    /// When what proves the app ends, where that is known.
    private func expiryOfProof(of provider: Provider) async throws -> Expiry? {
        if let secret = Expiry.clientSecret(of: provider) { return secret }
        let ends = try await ground.tokens.certificateEnds(of: provider.name)
        return ends.max().map { .certificate(of: provider, ends: $0) }
    }

    func identity(_ direction: Direction) -> DoctorFinding {
        guard let status = credentials[direction] else { return .skipped("nothing is known of the credential") }
        let signIn = signIn(direction)
        if let identity = status.identity, let name = identity.names.first, !identity.isExpected(by: signIn) {
            return .failed(
                "\(name) signed in, and \(signIn.authorizedAs) should have",
                next: "Sign in as \(signIn.authorizedAs): `postbote authorize \(account.name) --device`; or set "
                    + "`authorized_as: \(name)` if that is who may open the mailbox, then `postbote reload`.")
        }
        let who = status.identity?.names.first.map { "\($0) signed in" } ?? "the provider does not say who signed in"
        guard status.missingScopes.isEmpty else {
            let scopes = status.missingScopes.joined(separator: ", ")
            return .warning(
                "\(who), and did not grant \(scopes)",
                next: "Add what is missing to the permissions of the app registration, then have "
                    + "\(signIn.authorizedAs) sign in again: `postbote authorize \(account.name) --device`.")
        }
        return .ok("\(who); every scope that is needed was granted")
    }

    /// A sign-in that was refused, with whom the token is of: the wrong one is the usual cause. Of an app, with where it is said what
    /// it needs.
    func named(_ failure: Failure, _ direction: Direction) -> Failure {
        var copy = failure
        // Sending with the credential of receiving has no entry of its own.
        let credential = credentials[direction] ?? credentials[.receive]
        if let name = credential?.identity?.names.first { copy.reason += " The token is of \(name)." }
        let isApp = [.clientCredentials, .serviceAccount].contains(provider(direction).grant)
        if isApp, !copy.reason.contains("postbote authorize") {
            copy.reason += " What the app must be allowed, with its ids filled in: postbote authorize ACCOUNT."
        }
        return copy
    }
}
