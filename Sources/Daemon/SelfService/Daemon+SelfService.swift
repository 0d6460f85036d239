import Authorization
import Console
import Diagnostics
import Explanations
import MailModel
import Operations
import Store

/// What the pages ask. Whoever asks is unknown: they hold a link, no more.
extension Daemon: SelfService {
    /// A link that is good, and what it asks for as the configuration is now.
    private struct OpenLink {
        var digest: SignInLink.Digest
        var consent: AskedConsent
        var expires: Timestamp
    }

    private enum Found {
        case open(OpenLink)
        case closed(LinkEnd)
        case unknown
    }

    public func look(at link: Secret) async throws -> LinkLook {
        try stayOpen()
        switch try await find(SignInLink.Digest(of: link)) {
        case .unknown: return .unknown
        case .closed(let end): return .closed(end)
        case .open(let open):
            let key = open.consent.key
            let accounts = accounts(with: key)
            return .open(
                Invitation(
                    mailboxes: mailboxes(of: key), person: open.consent.signIn.authorizedAs,
                    provider: open.consent.provider.title,
                    receives: accounts.contains { AccountWorker.receives($0) != nil },
                    sends: accounts.contains { AccountWorker.sends($0) != nil }, host: ground.hostName,
                    expires: open.expires))
        }
    }

    public func begin(_ link: Secret, in browser: BrowserKey) async throws -> LinkBeginning {
        try stayOpen()
        let open: OpenLink
        switch try await find(SignInLink.Digest(of: link)) {
        case .unknown: return .unknown
        case .closed(let end): return .closed(end)
        case .open(let found): open = found
        }
        let consent = open.consent
        do {
            let request = try await tokens.beginAuthorization(
                for: consent.signIn, backBy: .console(redirectURI: try publicURL() + ConsolePath.callback))
            try linkSignIns.add(
                LinkSignIns.Waiting(
                    digest: open.digest, link: link, account: consent.account.name, request: request),
                in: browser, at: clock.now)
            return .away(url: request.url, provider: consent.provider.title)
        } catch let failure as Failure {
            return .refused(problem(failure, consent))
        } catch is Problem {
            return .refused(OwnerProblem(.later))
        }
    }

    public func finish(_ answer: AuthorizationAnswer, in browser: BrowserKey) async throws -> LinkAnswer {
        try stayOpen()
        switch linkSignIns.take(state: answer.state, in: browser, at: clock.now) {
        case .unknown: return .unknown
        case .foreign: return .foreign
        case .waiting(let waiting, let id):
            let outcome: LinkResult.Outcome
            do {
                outcome = try await self.outcome(of: waiting, answer.result)
            } catch {
                outcome = .refused(OwnerProblem(.later))
            }
            linkSignIns.end(id, LinkResult(link: waiting.link, outcome: outcome), at: clock.now)
            if case .signedIn = outcome { beginCheck(id, of: waiting.account) }
            return .result(id: id)
        }
    }

    public func result(_ id: String, in browser: BrowserKey) async throws -> LinkResult? {
        linkSignIns.result(id, in: browser)
    }

    // MARK: Links

    /// The links are as good as before; the next daemon says so.
    private func stayOpen() throws(Problem) {
        guard isStopping else { return }
        throw Problem(.stopping, "Postbote is being stopped or restarted.", retryAfter: Limits.restartWait)
    }

    private func find(_ digest: SignInLink.Digest) async throws -> Found {
        guard let link = try await store.read({ try $0.signInLinks.find(digest) }) else { return .unknown }
        switch link.state(at: clock.now) {
        case .expired: return .closed(.expired)
        case .ended(.used): return .closed(.used)
        case .ended(.replaced): return .closed(.replaced)
        case .ended(.revoked): return .closed(.revoked)
        case .ended(.exhausted): return .closed(.exhausted)
        case .open: break
        }
        // The configuration may ask for another consent meanwhile, or for none.
        guard let name = accountIDs.first(where: { $0.value == link.account })?.key,
            let account = settings.accounts[name],
            let consent = consents(of: account).first(where: { $0.name == link.credential })
        else { return .closed(.revoked) }
        return .open(OpenLink(digest: digest, consent: consent, expires: link.expires))
    }

    // MARK: The answer

    private func outcome(
        of waiting: LinkSignIns.Waiting, _ answer: AuthorizationAnswer.Result
    ) async throws -> LinkResult.Outcome {
        // Another window may have been faster, or a newer link been sent.
        let open: OpenLink
        switch try await find(waiting.digest) {
        case .unknown: return .closed(.revoked)
        case .closed(let end): return .closed(end)
        case .open(let found): open = found
        }
        let consent = open.consent
        do {
            switch answer {
            case .error(let error, let description):
                throw tokens.refusal(of: waiting.request, error: error, description: description)
            case .code(let code):
                let receipt = try await tokens.finishAuthorization(
                    waiting.request, code: code, for: waiting.account, consent.signIn, by: waiting.digest)
                log.record(.linkUsed(waiting.account))
                await signedIn()
                return .signedIn(
                    person: receipt.identity?.names.first, isLasting: receipt.isLasting,
                    check: check(of: consent.account))
            }
        } catch let failure as Failure {
            // Revoked or replaced while the provider was answering: the page says what became of it.
            if failure.condition == .linkEnded, case .closed(let end) = try await find(waiting.digest) {
                return .closed(end)
            }
            log.record(.linkRefused(waiting.account, because: failure.of(account: waiting.account.text)))
            if failure.condition == .wrongPerson {
                let now = clock.now
                try await store.write { try $0.signInLinks.noteStranger(open.digest, at: now) }
            }
            return .refused(problem(failure, consent))
        }
    }

    /// No account name, no command: whoever holds the link may not be its owner.
    private func problem(_ failure: Failure, _ consent: AskedConsent) -> OwnerProblem {
        var facts = ExplanationFacts()
        facts[.authorizedAs] = consent.signIn.authorizedAs
        facts[.tenant] = consent.provider.tenant
        facts[.clientID] = consent.provider.clientID
        return OwnerProblem(failure, expected: consent.signIn.authorizedAs, facts)
    }

    // MARK: The live check

    /// Where the test mail goes: to the mailbox itself.
    private func testAddress(_ account: Account) -> MailAddress? {
        AccountWorker.sends(account) == nil
            ? nil : MailAddress(account.address).flatMap { $0.defect == nil ? $0 : nil }
    }

    private func check(of account: Account) -> OwnerCheck {
        let plan = DoctorPlan(account, providers: settings.providers, sendTo: testAddress(account))
        return OwnerCheck(planned: plan.entries.map { .init($0.step.word, of: $0.step.subject) })
    }

    private func beginCheck(_ id: String, of name: AccountName) {
        guard !isStopping, linkChecks.count < Limits.linkChecks, let account = workers[name]?.account else {
            return linkSignIns.change(id) { $0.end() }
        }
        let address = testAddress(account)
        linkChecks[id] = Task {
            // Whatever keeps it from ending, the page comes to an end.
            _ = try? await self.doctor(name, sendTo: address) { step in await self.checked(step, id) }
            self.endCheck(id)
        }
    }

    private func checked(_ step: DoctorReport.Step, _ id: String) { linkSignIns.change(id) { $0.ended(step) } }

    private func endCheck(_ id: String) {
        linkSignIns.change(id) { $0.end() }
        linkChecks[id] = nil
    }
}
