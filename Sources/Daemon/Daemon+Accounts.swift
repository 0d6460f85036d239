import Authorization
import Diagnostics
import Explanations
import Fetching
import MailModel
import Operations
import Store

extension Daemon: DaemonControl {
    public func status() async -> DaemonStatus {
        var problems = 0
        for worker in workers.values where (try? await status(of: worker))?.hasProblem(at: clock.now) == true {
            problems += 1
        }
        var problem: ErrorReport?
        var state: DaemonState = isStopping ? .stopping : .ok
        if case .storage(let failure) = store.health {
            state = .storage
            problem = ErrorReport(failure)
        }
        return DaemonStatus(
            state: state, release: Release.version, process: ProcessInformation.identifier, started: started,
            configurationLoaded: configurationLoaded, accounts: workers.count, problems: problems, problem: problem)
    }

    public func access() -> AccessRules { rules }
}

extension Daemon: AccountControl {
    public func accounts() async throws -> [AccountStatus] {
        var all: [AccountStatus] = []
        for worker in workers.values.sorted(by: { $0.account.name < $1.account.name }) {
            all.append(try await status(of: worker))
        }
        return all
    }

    public func account(_ name: AccountName) async throws -> AccountStatus {
        try await status(of: worker(name), explained: true)
    }

    public func fetch(_ name: AccountName, wait: Bool) async throws -> FetchReport {
        let fetcher = try receiving(name)
        guard wait else {
            await fetcher.fetchSoon()
            return FetchReport(finished: false)
        }
        guard await fetcher.status.pausedUntil == nil else { throw Daemon.paused(name) }
        let turn = try await naming(name) { try await fetcher.fetch() }
        let failures = await fetcher.status.folderFailures.values.sorted { $0.reason < $1.reason }
        return FetchReport(
            finished: true, delivered: turn.delivered, octets: turn.octets, errors: failures.map { ErrorReport($0) })
    }

    public func pause(
        _ name: AccountName, backfillOnly: Bool, until end: Timestamp?
    ) async throws -> AccountStatus {
        let now = clock.now
        guard end.map({ $0 > now }) ?? true else { throw Problem(.usage, "`until` is over already.") }
        let end = min(end ?? .distantFuture, .distantFuture)
        return try await change(name) { pauses in
            if backfillOnly { pauses.backfill = end } else { pauses.account = end }
        }
    }

    public func resume(_ name: AccountName, backfillOnly: Bool) async throws -> AccountStatus {
        try await change(name) { pauses in
            pauses.backfill = nil
            if !backfillOnly { pauses.account = nil }
        }
    }

    static func paused(_ name: AccountName) -> Problem {
        Problem(.conflict, "Account \(name) is paused. Run: postbote resume \(name)")
    }

    private func change(
        _ name: AccountName, _ body: @escaping @Sendable (inout StoredAccount.Pauses) -> Void
    ) async throws -> AccountStatus {
        let worker = try worker(name)
        let now = clock.now
        let pauses = try await store.write { transaction in
            var pauses = try transaction.accounts.find(worker.id)?.pauses ?? StoredAccount.Pauses()
            body(&pauses)
            try transaction.accounts.pause(worker.id, pauses)
            // The sender ends that time with the first message that goes through.
            if pauses.account != nil { try transaction.accounts.parkSending(worker.id, at: now) }
            return pauses
        }
        // A reload may have put others in their place meanwhile.
        let present = workers[name] ?? worker
        await present.receiving?.worker.pause(pauses)
        await present.sending?.worker.pause(pauses)
        log.record(.accountPaused(name, until: pauses.account, backfillUntil: pauses.backfill))
        return try await status(of: present)
    }

    public func folders(_ name: AccountName) async throws -> [FolderStatus] {
        let worker = try worker(name)
        let fetcher = try receiving(name)
        let remote = try await naming(name) { try await fetcher.folders() }
        let stored = try await store.read { try $0.folders.all(of: worker.id) }
        let known = Dictionary(stored.map { ($0.serverName, $0) }) { first, _ in first }
        return remote.map { folder, isWatched in
            let row = known[folder.serverName]
            return FolderStatus(
                name: folder.path.description, role: folder.role?.rawValue, watched: isWatched,
                messages: row?.existsSeen, fetched: row?.delivered ?? 0, recognised: row?.recognised ?? 0,
                revised: row?.revised ?? 0, duplicates: row?.duplicates ?? 0, doubtful: row?.doubtful ?? 0,
                uidValidity: row?.uidValidity?.rawValue, cursor: row?.cursor?.rawValue)
        }
    }

    public func token(_ name: AccountName, _ direction: Direction?, refresh: Bool) async throws -> AccessTokenReply {
        let signIn = try signIn(of: name, for: direction)
        do {
            let token =
                refresh ? try await tokens.newToken(for: signIn) : try await tokens.accessToken(for: signIn)
            return AccessTokenReply(token: token.secret, validUntil: token.expires)
        } catch let failure as Failure {
            throw failure.of(account: name.text)
        }
    }

    // MARK: Parts

    func worker(_ name: AccountName) throws -> AccountWorker {
        guard let worker = workers[name] else {
            throw Problem.notFound("There is no account “\(name)” in the configuration.")
        }
        return worker
    }

    /// Receiving's sign-in, else sending's, unless `direction` says which.
    func signIn(of name: AccountName, for direction: Direction? = nil) throws -> SignInSettings {
        let account = try worker(name).account
        let (signIn, what) =
            switch direction {
            case .receive: (account.receive?.signIn, "does not receive")
            case .send: (account.send?.signIn, "does not send")
            case nil: (account.receive?.signIn ?? account.send?.signIn, "neither receives nor sends")
            }
        guard let signIn else { throw Problem(.conflict, "Account \(name) \(what).") }
        return signIn
    }

    /// - Parameter explained: what failed is explained, which is too much for all accounts at once.
    private func status(of worker: AccountWorker, explained: Bool = false) async throws -> AccountStatus {
        let account = worker.account
        let facts = explained ? (facts(account, account.receive?.signIn), facts(account, account.send?.signIn)) : nil
        var status = AccountStatus(name: account.name.text, address: account.address)
        let receiving = await worker.receiving?.worker.status
        let sending = await worker.sending?.worker.status
        let stored = try await store.read { try $0.accounts.find(worker.id) }
        // Those who work by it hear of it with their first turn.
        let pauses = stored?.pauses.inForce(at: clock.now) ?? StoredAccount.Pauses()
        if account.receive != nil {
            status.receive =
                receiving.map { direction($0.health, $0.activity, pausedUntil: pauses.account, facts?.0) }
                ?? DirectionStatus(.disabled)
        }
        if account.send != nil {
            status.send =
                sending.map { direction($0.health, $0.activity, pausedUntil: pauses.account, facts?.1) }
                ?? DirectionStatus(.disabled)
        }
        status.lastFetch = receiving?.last?.at
        status.lastFetchSeconds = receiving?.last?.duration.inSeconds
        status.nextFetch = pauses.account == nil ? receiving?.next : nil
        status.backfill = receiving.map { backfills(of: $0, pauses) } ?? []
        (status.mail, status.queue) = try await counts(of: worker.id)
        status.lastAudit = stored?.audited
        status.messagesUnaccounted = stored?.unaccounted ?? 0
        if let send = account.send, send.signIn.otherLogin != nil {
            status.sendingLogin = await logins(of: account.name, worker.id).login(for: send)
        }
        // Whoever is disabled misses no consent.
        let isAtWork = receiving != nil || sending != nil
        let credentials = isAtWork ? await credentials(of: account) : []
        status.tokenValidUntil = credentials.compactMap(\.status.validUntil).min()
        status.expires = (isAtWork ? await expiries(of: account) : [])
            .min { $0.ends < $1.ends }.map { AccountStatus.Expiry(what: $0.subject.words, at: $0.ends) }
        status.clientProofs = isAtWork ? await clientProofs(of: account) : []
        let own = account.receive == nil ? facts?.1 : facts?.0
        var failures = [
            (receiving?.health.failure, facts?.0), (sending?.health.failure, facts?.1),
        ]
        failures += credentials.map { credential in
            (
                credential.status.failure?.of(account: account.name.text),
                explained ? self.facts(account, credential.signIn) : nil
            )
        }
        var unique: [(failure: Failure, facts: ExplanationFacts?)] = []
        for (failure, facts) in failures + (receiving?.folderFailures.values.map { ($0, own) } ?? []) {
            guard let failure, !unique.contains(where: { $0.failure.isSame(as: failure) }) else { continue }
            unique.append((failure, facts))
        }
        status.errors = unique.map { ErrorReport($0.failure, explainedWith: $0.facts) }
        return status
    }

    /// What its directions sign in with: two where they need two.
    private func credentials(of account: Account) async -> [(signIn: SignInSettings, status: CredentialStatus)] {
        var known: Set<CredentialKey> = []
        var all: [(SignInSettings, CredentialStatus)] = []
        for signIn in [account.receive?.signIn, account.send?.signIn].compactMap(\.self) {
            guard let grant = settings.providers[signIn.provider]?.grant,
                let key = CredentialKey(signIn, grant: grant), known.insert(key).inserted,
                let status = try? await tokens.status(of: signIn)
            else { continue }
            all.append((signIn, status))
        }
        return all
    }

    private func clientProofs(of account: Account) async -> [AccountStatus.ClientProof] {
        var all: [AccountStatus.ClientProof] = []
        let names = [account.receive?.signIn.provider, account.send?.signIn.provider].compactMap(\.self)
        for name in Set(names).sorted() {
            let ends = certificateEnds[name] ?? []
            for (index, proof) in ((try? await tokens.clientProofs(of: name)) ?? []).enumerated() {
                all.append(
                    AccountStatus.ClientProof(
                        provider: name.text, name: proof.name, place: proof.place,
                        state: AccountStatus.ClientProof.State(proof.state),
                        expires: proof.expires ?? (ends.indices.contains(index) ? ends[index] : nil),
                        problem: proof.failure.map { ErrorReport($0) }))
            }
        }
        return all
    }

    /// The names that stand in what an explanation advises.
    func facts(_ account: Account, _ signIn: SignInSettings?) -> ExplanationFacts {
        var facts = ExplanationFacts()
        facts[.account] = account.name.text
        facts[.address] = account.address
        guard let signIn else { return facts }
        facts[.login] = signIn.login
        facts[.authorizedAs] = signIn.authorizedAs
        facts[.provider] = signIn.provider.text
        let provider = settings.providers[signIn.provider]
        facts[.tenant] = provider?.tenant
        facts[.clientID] = provider?.clientID
        return facts
    }

    private func backfills(
        of status: ReceiveStatus, _ pauses: StoredAccount.Pauses
    ) -> [AccountStatus.Backfill] {
        let pause = [pauses.account, pauses.backfill].compactMap(\.self).max()
        return status.backfills.sorted { $0.key < $1.key }.map { folder, progress in
            AccountStatus.Backfill(
                folder: folder, done: progress.done, octets: progress.octets, waiting: progress.left,
                messagesPerSecond: progress.rate,
                ends: pause == nil ? progress.remaining.map { clock.now + $0 } : nil, isPaused: pause != nil,
                pausedUntil: pause.flatMap { $0 < .distantFuture ? $0 : nil })
        }
    }

    private func direction(
        _ health: DirectionHealth, _ activity: Activity, pausedUntil pause: Timestamp?, _ facts: ExplanationFacts?
    ) -> DirectionStatus {
        // What is going on is ended first.
        if let pause, activity == .idling {
            return DirectionStatus(.paused, activity: activity, until: pause < .distantFuture ? pause : nil)
        }
        return DirectionStatus(
            health.state, since: health.since, activity: activity, until: health.nextTry,
            problem: health.failure.map { ErrorReport($0, explainedWith: facts) })
    }

    private func counts(of id: AccountID) async throws -> (AccountStatus.Mail, AccountStatus.Queue) {
        try await store.read { transaction in
            var mail = AccountStatus.Mail()
            for folder in try transaction.folders.all(of: id) {
                let states = try transaction.ledger.counts(folder.id)
                mail.delivered += folder.delivered
                mail.doubtful += folder.doubtful
                mail.recognised += folder.recognised
                mail.revised += folder.revised
                mail.duplicates += folder.duplicates
                mail.tooLarge += states[.tooLarge] ?? 0
                mail.quarantined += states[.quarantined] ?? 0
            }
            let queue = try transaction.queue.counts(id)
            return (
                mail,
                AccountStatus.Queue(
                    queued: queue[.queued] ?? 0, deferred: queue[.deferred] ?? 0, sending: queue[.sending] ?? 0,
                    inDoubt: queue[.inDoubt] ?? 0, held: queue[.held] ?? 0, failed: queue[.failed] ?? 0)
            )
        }
    }
}

extension AccountStatus.ClientProof.State {
    fileprivate init(_ state: ClientProofStatus.State) {
        switch state {
        case .inUse: self = .inUse
        case .refused: self = .refused
        case .spare: self = .spare
        }
    }
}

extension Failure {
    /// The same trouble, seen at another place.
    fileprivate func isSame(as other: Failure) -> Bool {
        operation == other.operation && reason == other.reason && serverLine == other.serverLine
    }
}
