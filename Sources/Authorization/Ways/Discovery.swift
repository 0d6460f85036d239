import Diagnostics
import MailModel

/// Asks issuers for their endpoints (OpenID Connect Discovery 1.0, RFC 8414), when one is needed that the configuration does not
/// name. Nothing is asked at the start, so that a machine that is offline starts all the same.
///
/// One document a provider, good for a day. One that cannot be had again is used on; how that ends, everybody is told for a
/// minute without asking again.
actor Discovery {
    private struct Known {
        var issuer: String
        var metadata: ProviderMetadata
        var fetched: Timestamp
        /// An endpoint in it did not answer as one: it is asked for again.
        var isDoubted = false
    }

    private struct Trouble {
        var issuer: String
        var failure: Failure
        var until: Timestamp
    }

    private let transport: any TokenTransport
    private let clock: any WallClock
    private var known: [ProviderName: Known] = [:]
    private var troubles: [ProviderName: Trouble] = [:]
    private struct Question {
        var issuer: String
        var task: Task<ProviderMetadata, any Error>
    }

    private var asking: [ProviderName: Question] = [:]

    private static let operation = "discover endpoints"

    init(_ transport: any TokenTransport, clock: any WallClock) {
        self.transport = transport
        self.clock = clock
    }

    /// What the issuer of `provider` publishes.
    ///
    /// - Throws: `Failure`: `later` while the issuer cannot be reached, `whenReconfigured` when there is no document, or
    ///   one of somebody else.
    func metadata(of provider: Provider, _ issuer: String) async throws -> ProviderMetadata {
        let now = clock.now
        let old = known[provider.name].flatMap { $0.issuer == issuer ? $0 : nil }
        if let old, isGood(old, at: now) { return old.metadata }
        if let trouble = troubles[provider.name], trouble.issuer == issuer, isOn(trouble, at: now) {
            if let old { return old.metadata }
            throw trouble.failure
        }
        do {
            return try await ask(provider, issuer)
        } catch {
            guard let old else { throw error }
            return old.metadata
        }
    }

    /// An endpoint did not answer as one: the document may have changed.
    func doubt(_ provider: Provider) { known[provider.name]?.isDoubted = true }

    /// Something may have been mended: what failed or is doubted is asked for again at once.
    func mended() {
        troubles = [:]
        known = known.filter { !$0.value.isDoubted }
    }

    /// Forgets the documents of providers that are not there any more.
    func keep(_ providers: Set<ProviderName>) {
        known = known.filter { providers.contains($0.key) }
        mended()
    }

    // MARK: Parts

    private func isGood(_ known: Known, at now: Timestamp) -> Bool {
        let age = now - known.fetched
        return age >= .zero - Limits.clockTolerance
            && age < (known.isDoubted ? Limits.betweenDiscoveries : Limits.discovery)
    }

    private func isOn(_ trouble: Trouble, at now: Timestamp) -> Bool {
        now < trouble.until && trouble.until - now <= Limits.betweenDiscoveries
    }

    /// However many wait, one asks.
    private func ask(_ provider: Provider, _ issuer: String) async throws -> ProviderMetadata {
        let task: Task<ProviderMetadata, any Error>
        if let running = asking[provider.name], running.issuer == issuer {
            task = running.task
        } else {
            let transport = transport
            task = Task { try await Discovery.fetch(provider, issuer, transport) }
            asking[provider.name] = Question(issuer: issuer, task: task)
        }
        let result = await task.result
        if asking[provider.name]?.task == task { land(result, provider.name, issuer) }
        return try result.get()
    }

    private func land(_ result: Result<ProviderMetadata, any Error>, _ name: ProviderName, _ issuer: String) {
        asking[name] = nil
        let now = clock.now
        switch result {
        case .success(let metadata):
            known[name] = Known(issuer: issuer, metadata: metadata, fetched: now)
            troubles[name] = nil
        case .failure(let error):
            guard let failure = error as? Failure else { return }
            troubles[name] = Trouble(issuer: issuer, failure: failure, until: now + Limits.discoveryTrouble)
        }
    }

    private static func fetch(
        _ provider: Provider, _ issuer: String, _ transport: any TokenTransport
    ) async throws -> ProviderMetadata {
        let addresses = ProviderMetadata.addresses(of: issuer)
        for (index, address) in addresses.enumerated() {
            let reply = try await transport.get(
                address, of: provider, operation: operation, timeout: Limits.request)
            // Issuers have one or the other.
            if reply.status == 404, index + 1 < addresses.count { continue }
            return try read(reply, from: address, provider, issuer)
        }
        preconditionFailure("an issuer that passed the configuration has an address")
    }

    private static func read(
        _ reply: TokenReply, from address: String, _ provider: Provider, _ issuer: String
    ) throws -> ProviderMetadata {
        let name = provider.name
        guard (200..<300).contains(reply.status) else {
            if [408, 425, 429].contains(reply.status) || reply.status >= 500 {
                throw later("\(address) is in trouble (HTTP \(reply.status)). It is tried again.", provider)
            }
            throw provider.misconfigured(
                operation,
                "There is no document about the issuer at \(address) (HTTP \(reply.status)): correct issuer of provider "
                    + "\(name), or write token_url, authorize_url and device_url instead.")
        }
        do {
            return try ProviderMetadata(reply.body, of: issuer)
        } catch .noMetadata {
            throw later(
                "\(address) answered with something else than a document about an issuer (HTTP \(reply.status)). It is tried "
                    + "again; if it lasts, check issuer of provider \(name) and whether a proxy answers in its place.",
                provider)
        } catch .otherIssuer(let other) {
            throw provider.misconfigured(
                operation,
                "\(address) is about the issuer \(other), and issuer of provider \(name) is \(issuer): they must be the same, "
                    + "letter by letter.")
        } catch .unsafe(let member) {
            throw provider.misconfigured(
                operation,
                "\(address) names a \(member) that is no https address: nothing is sent there. Write the right one into "
                    + "provider \(name).")
        }
    }

    private static func later(_ reason: String, _ provider: Provider) -> Failure {
        Failure(
            .account, .later(after: nil), operation: operation, reason: reason,
            place: ["provider": provider.name.text])
    }
}

extension TokenExchange {
    /// The provider with the endpoints that a request needs: those that the configuration does not name, as its issuer says.
    func located(_ provider: Provider, for kind: TokenRequest.Kind) async throws -> Provider {
        let isMissing =
            switch kind {
            case .authorize: provider.authorizeURL == nil
            case .deviceCode: provider.deviceURL == nil || provider.lacksAudience
            case .revoke: provider.revokeURL == nil || provider.lacksAudience
            case .refresh, .application, .serviceAccount, .devicePoll, .code: provider.tokenURL == nil
            }
        guard isMissing else { return provider }
        let located = try await located(provider)
        // One that lacks what is needed may have it the next time.
        if ![.deviceCode, .authorize, .revoke].contains(kind), located.tokenURL == nil {
            await discovery.doubt(provider)
        }
        return located
    }

    /// The same with all that its issuer says.
    func located(_ provider: Provider) async throws -> Provider {
        // What the other presets leave out is left out on purpose.
        guard provider.preset == .generic, let issuer = provider.issuer else { return provider }
        let metadata = try await discovery.metadata(of: provider, issuer)
        var provider = provider
        provider.tokenURL = provider.tokenURL ?? metadata.tokenEndpoint
        provider.authorizeURL = provider.authorizeURL ?? metadata.authorizationEndpoint
        provider.deviceURL = provider.deviceURL ?? metadata.deviceAuthorizationEndpoint
        provider.revokeURL = provider.revokeURL ?? metadata.revocationEndpoint
        return provider
    }
}

extension Provider {
    /// A certificate's signature names the token endpoint, whatever endpoint it is for (RFC 7523 §3), and that is not known.
    fileprivate var lacksAudience: Bool {
        guard case .certificates = authentication else { return false }
        return tokenURL == nil
    }
}
