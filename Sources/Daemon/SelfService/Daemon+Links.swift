import Authorization
import Console
import Diagnostics
import MailModel
import Operations
import Store

/// A consent that somebody can be asked for with a link.
struct AskedConsent: Sendable {
    var account: Account
    var accountID: AccountID
    var signIn: SignInSettings
    var provider: Provider
    var key: CredentialKey
    /// What of the account needs it.
    var directions: [Direction]

    var name: CredentialName { CredentialName(provider: key.provider, subject: key.subject) }

    /// Where its owner reads mail: who has to sign in, else how the mailbox is called.
    var mailAddress: MailAddress? {
        [signIn.authorizedAs, signIn.login, account.address].lazy.compactMap { MailAddress($0) }
            .first { $0.defect == nil }
    }
}

extension Daemon: LinkControl {
    public func makeLink(_ name: AccountName, lifetime: Duration, mail: Bool) async throws -> SignInLinkReport {
        let consent = try await consent(askedFor: name)
        return try await makeLink(for: consent, lifetime: lifetime, mail: mail)
    }

    public func makeMissingLinks(lifetime: Duration, mail: Bool) async throws -> SignInLinkList {
        _ = try publicURL()
        var made: [CredentialKey: SignInLinkReport] = [:]
        var links: [SignInLinkReport] = []
        for consent in await missingConsents() {
            var report: SignInLinkReport
            if let known = made[consent.key] {
                report = known
            } else {
                do {
                    report = try await makeLink(for: consent, lifetime: lifetime, mail: mail)
                } catch {
                    // One account that cannot be asked keeps no other owner waiting.
                    report = SignInLinkReport(
                        account: "", person: consent.signIn.authorizedAs, problem: Problem(error).detail)
                }
                made[consent.key] = report
            }
            report.account = consent.account.name.text
            links.append(report)
        }
        return SignInLinkList(links: links)
    }

    // MARK: Which consent

    /// The one that the account lacks, else its first.
    ///
    /// - Throws: `Problem` when nobody can sign in for the account with a link.
    func consent(askedFor name: AccountName) async throws -> AskedConsent {
        let worker = try worker(name)
        let consents = consents(of: worker.account)
        // What a server said of a direction may be older than the consent that it has now.
        for consent in consents where await lacksToken(consent, worker) { return consent }
        for consent in consents where await isMissing(consent, worker, for: nil) { return consent }
        if let first = consents.first { return first }
        let signIn = try signIn(of: name)
        let grant = settings.providers[signIn.provider]?.grant.rawValue ?? "unknown"
        throw Problem(
            .conflict,
            "The grant of provider \(signIn.provider) is \(grant): nobody signs in for it. Set grant: "
                + "authorization_code if somebody should.")
    }

    /// What an account's owner can be asked for, as the configuration is now: receiving's consent, and sending's where that
    /// is another one.
    func consents(of account: Account) -> [AskedConsent] {
        guard let id = accountIDs[account.name] else { return [] }
        var all: [AskedConsent] = []
        for (direction, signIn) in [(Direction.receive, account.receive?.signIn), (.send, account.send?.signIn)] {
            guard let signIn, let provider = settings.providers[signIn.provider],
                provider.grant == .authorizationCode, let key = CredentialKey(signIn, grant: provider.grant)
            else { continue }
            if let known = all.firstIndex(where: { $0.key == key }) {
                all[known].directions.append(direction)
            } else {
                all.append(
                    AskedConsent(
                        account: account, accountID: id, signIn: signIn, provider: provider, key: key,
                        directions: [direction]))
            }
        }
        return all
    }

    /// What accounts at work lack, in the order of their names. Accounts that share a consent are all named.
    ///
    /// - Parameter patience: only where a server or provider has said so for that long; `nil`: whoever lacks it.
    func missingConsents(for patience: Duration? = nil) async -> [AskedConsent] {
        var missing: [AskedConsent] = []
        for worker in workers.values.sorted(by: { $0.account.name < $1.account.name }) {
            for consent in consents(of: worker.account) where await isMissing(consent, worker, for: patience) {
                missing.append(consent)
            }
        }
        return missing
    }

    /// Only the directions that need it count: the other one may lack another.
    private func isMissing(
        _ consent: AskedConsent, _ worker: AccountWorker, for patience: Duration?
    ) async -> Bool {
        var isAtWork = false
        for direction in consent.directions {
            guard let health = await health(of: worker, direction) else { continue }
            isAtWork = true
            if health.state == .needsAuthorization, health.since + (patience ?? .zero) <= clock.now { return true }
        }
        guard isAtWork, patience == nil else { return false }
        return await lacksToken(consent, worker)
    }

    /// Whether a direction that is at work will get no token: whoever is disabled misses no consent.
    func lacksToken(_ consent: AskedConsent, _ worker: AccountWorker) async -> Bool {
        var isAtWork = false
        for direction in consent.directions where await health(of: worker, direction) != nil { isAtWork = true }
        guard isAtWork else { return false }
        return (try? await tokens.status(of: consent.signIn))?.state == .needsAuthorization
    }

    /// The addresses of all mailboxes that a consent opens.
    func mailboxes(of key: CredentialKey) -> [String] {
        accounts(with: key).sorted { $0.name < $1.name }.map(\.address)
    }

    /// Of the configuration: their workers are away during a reload.
    func accounts(with key: CredentialKey) -> [Account] {
        settings.accounts.values.filter { settings.credentialKeys(of: $0).contains(key) }
    }

    // MARK: Making one

    /// Where people reach the pages.
    func publicURL() throws(Problem) -> String {
        if let url = console?.publicURL { return url }
        if settings.console?.publicURL != nil {
            throw Problem(.conflict, "`console` was changed: restart Postbote, so that its pages are served there.")
        }
        throw Problem(
            .conflict,
            "Nobody could open a link: write `console: {listen: 127.0.0.1:8025, public_url: https://NAME}` into the "
                + "configuration, put a reverse proxy for NAME in front of it (docs/self-service.md), and restart Postbote."
        )
    }

    private func makeLink(
        for consent: AskedConsent, lifetime: Duration, mail: Bool
    ) async throws -> SignInLinkReport {
        guard mail else {
            let (url, link) = try await newLink(for: consent, lifetime: lifetime)
            // Durable before anybody hears of it.
            try await store.write { try $0.signInLinks.add(link) }
            note(link, for: consent, way: "printed")
            return SignInLinkReport(
                account: consent.account.name.text, person: consent.signIn.authorizedAs, url: url,
                expires: link.expires)
        }
        let recipient = try await recipient(of: consent)
        let expires = try await mailLink(for: consent, to: recipient, lifetime: lifetime, way: "mailed")
        return SignInLinkReport(
            account: consent.account.name.text, person: consent.signIn.authorizedAs,
            mailedTo: recipient.description, expires: expires)
    }

    /// Whom the link is sent to, once it is clear that it can be sent.
    func recipient(of consent: AskedConsent) async throws -> MailAddress {
        guard let notifier else {
            throw Problem(
                .conflict, "A link is mailed through the account that `notify_via` names: name one that sends.")
        }
        guard let send = notifier.account.send, settings.key(ofSendingBy: send) != consent.key else {
            throw Problem(
                .conflict,
                "`notify_via` names \(notifier.account.name), which needs the same sign-in: print the link with --link "
                    + "and send it in another way, or sign in with postbote authorize \(consent.account.name) --device."
            )
        }
        guard let address = consent.mailAddress else {
            throw Problem(.conflict, "\(consent.signIn.authorizedAs) is no mail address: print the link with --link.")
        }
        return address
    }

    /// Makes the link and queues the mail with it. An earlier link stays good until the mail is on its way: there would be
    /// none that anybody has.
    ///
    /// - Returns: until when the link is good.
    func mailLink(
        for consent: AskedConsent, to recipient: MailAddress, lifetime: Duration, way: String
    ) async throws -> Timestamp {
        let (url, link) = try await newLink(for: consent, lifetime: lifetime)
        // Before the mail: a crash in between leaves a link that nobody has, and no mail with a link that there is not.
        try await store.write { try $0.signInLinks.addBeside(link) }
        let mail = OwnerMail(
            key: "link/\(Secret.random().reveal())", mailboxes: mailboxes(of: consent.key),
            person: consent.signIn.authorizedAs, provider: consent.provider.title, url: url, expires: link.expires)
        do {
            guard try await send(mail.notice, to: recipient) != nil else {
                throw Problem(.conflict, "The account that `notify_via` names does not send at the moment.")
            }
        } catch {
            try? await store.write { try $0.signInLinks.remove(link.digest) }
            throw error
        }
        let now = clock.now
        try await store.write { try $0.signInLinks.replaceOthers(than: link, at: now) }
        note(link, for: consent, way: way)
        return link.expires
    }

    /// A link that is not stored yet.
    private func newLink(
        for consent: AskedConsent, lifetime: Duration
    ) async throws -> (url: String, link: SignInLink) {
        let origin = try publicURL()
        // What would keep its owner from signing in is the administrator's to hear, and now. Nothing is sent.
        _ = try await tokens.beginAuthorization(
            for: consent.signIn, backBy: .console(redirectURI: origin + ConsolePath.callback))
        let token = Secret.random()
        let now = clock.now
        let link = SignInLink(
            digest: .init(of: token), account: consent.accountID, credential: consent.name, created: now,
            expires: now + lifetime)
        return (origin + ConsolePath.link(token), link)
    }

    private func note(_ link: SignInLink, for consent: AskedConsent, way: String) {
        log.record(
            .linkCreated(consent.account.name, for: consent.signIn.authorizedAs, until: link.expires, way: way))
    }
}

extension Settings {
    fileprivate func key(ofSendingBy send: SendSettings) -> CredentialKey? {
        providers[send.signIn.provider].flatMap { CredentialKey(send.signIn, grant: $0.grant) }
    }
}

extension Provider {
    /// As the people who sign in there know it.
    var title: String {
        switch preset {
        case .microsoft365, .outlook, .hve: return "Microsoft"
        case .gmail: return "Google"
        case .generic:
            let address = authorizeURL ?? tokenURL ?? name.text
            let rest = address.firstRange(of: "://").map { address[$0.upperBound...] } ?? address[...]
            return String(rest.prefix { $0 != "/" && $0 != ":" && $0 != "?" })
        }
    }
}
