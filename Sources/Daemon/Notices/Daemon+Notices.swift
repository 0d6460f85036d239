import Authorization
import Diagnostics
import MailModel
import Sending
import Store

/// What the administrator hears without asking: what ends soon, and which accounts need somebody. The journal has it always;
/// `notify` gets a mail through the account `notify_via`.
extension Daemon {
    func notice() async {
        while !Task.isCancelled {
            await tellIdleSenders()
            await remind()
            await tellProblems()
            await tellOwners()
            await tellPutAside()
            await noticeNap.sleep(until: clock.now + Limits.noticeInterval, clock)
        }
    }

    // MARK: What ends

    /// What must be renewed for an account to go on.
    func expiries(of account: Account) async -> [Expiry] {
        let providers = Set([account.receive?.signIn.provider, account.send?.signIn.provider].compactMap(\.self))
        let used = providers.compactMap { settings.providers[$0] }
        var all = used.compactMap(Expiry.clientSecret)
        all += used.compactMap { provider in
            // As long as one is good, accounts sign in.
            certificateEnds[provider.name]?.max().map { .certificate(of: provider, ends: $0) }
        }
        let consents = consents(of: account)
        for consent in consents {
            guard let ends = (try? await tokens.status(of: consent.signIn))?.consentExpires else { continue }
            let direction = consents.count > 1 ? consent.directions[0] : nil
            all.append(.consent(of: account, for: direction, to: consent.provider, ends: ends))
        }
        return all
    }

    /// Files that are renewed need no reload, and are not read for each question.
    private func readCertificates() async {
        var ends: [ProviderName: [Timestamp]] = [:]
        for provider in settings.providers.values {
            guard case .certificates = provider.authentication else { continue }
            // What is wrong with it, the accounts that need it say.
            ends[provider.name] = try? await tokens.certificateEnds(of: provider.name)
        }
        certificateEnds = ends
    }

    private func remind() async {
        await readCertificates()
        var expiries: [Expiry.Subject: Expiry] = [:]
        for worker in workers.values where worker.receiving != nil || worker.sending != nil {
            for expiry in await self.expiries(of: worker.account) { expiries[expiry.subject] = expiry }
        }
        guard let told = try? await store.read({ try $0.notices.all() }) else { return }
        let last = Dictionary(told.map { ($0.subject, $0) }) { $1 }
        let now = clock.now
        let due = expiries.values.compactMap { expiry in
            ReminderSchedule.due(expiry.ends, told: last[expiry.subject.key], at: now).map {
                Reminder(expiry, days: $0)
            }
        }
        await remind(of: due.sorted())
    }

    /// The journal first, then one mail for all, then the record: after a crash in between the journal has it twice, the
    /// mail is the same one.
    private func remind(of reminders: [Reminder]) async {
        guard let mail = ReminderMail(reminders)?.notice else { return }
        for reminder in reminders {
            let expiry = reminder.expiry
            log.record(
                .expiresSoon(
                    expiry.subject.words, of: expiry.subject.account, at: expiry.ends, days: reminder.days,
                    cure: expiry.cure))
        }
        guard await send(mail) else { return }
        try? await store.write { [now = clock.now] transaction in
            for reminder in reminders {
                let expiry = reminder.expiry
                try transaction.notices.told(
                    Notice(expiry.subject.key, ends: expiry.ends, daysBefore: reminder.days), at: now)
            }
        }
    }

    // MARK: Who needs somebody

    private func tellProblems() async {
        guard let told = try? await store.read({ try $0.notices.all() }) else { return }
        var states = Dictionary(told.compactMap { notice in notice.state.map { (notice.subject, $0) } }) { $1 }
        var problems: [DirectionProblem] = []
        var mended: [String] = []
        // What has lasted a while is told, and with it whatever came meanwhile: one mail for all.
        var isTime = false
        for worker in workers.values {
            for direction in Direction.allCases {
                let key = DirectionProblem.key(direction, of: worker.account.name)
                let last = states.removeValue(forKey: key)
                guard let health = await health(of: worker, direction) else {
                    if last != nil { mended.append(key) }
                    continue
                }
                if last != nil, await isProvenWell(worker, direction, health) { mended.append(key) }
                guard health.state.isProblem, health.state != last, let failure = health.failure else { continue }
                if health.since + Limits.problemPatience <= clock.now { isTime = true }
                problems.append(
                    DirectionProblem(
                        account: worker.account.name, direction: direction, state: health.state,
                        reason: failure.reason))
            }
        }
        // Of accounts that are not there any more.
        mended += states.keys
        // That an account's other direction cannot work either is no news.
        let gone = Set(mended)
        let known = Dictionary(told.filter { !gone.contains($0.subject) }.map { ($0.subject, $0.state) }) { $1 }
        let news = problems.filter { problem in
            !Direction.allCases.contains { known[DirectionProblem.key($0, of: problem.account)] == problem.state }
        }
        await record(isTime ? problems : [], isTime ? news : [], mended)
    }

    private func record(_ problems: [DirectionProblem], _ news: [DirectionProblem], _ mended: [String]) async {
        if !news.isEmpty {
            let digest = ProblemDigest(news)
            guard await send(NoticeMail(key: Daemon.newKey(), subject: digest.subject, text: digest.text)) else {
                return
            }
        }
        guard !problems.isEmpty || !mended.isEmpty else { return }
        try? await store.write { [now = clock.now] transaction in
            for subject in mended { try transaction.notices.forget(subject) }
            for problem in problems {
                try transaction.notices.told(Notice(problem.key, state: problem.state), at: now)
            }
        }
    }

    private static func newKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return "problems/\(DeliveryKey(using: &generator))"
    }

    /// After a start a direction is ok until it was tried.
    func isProvenWell(
        _ worker: AccountWorker, _ direction: Direction, _ health: DirectionHealth
    ) async -> Bool {
        guard health.state == .ok, health.since + Limits.problemPatience <= clock.now else { return false }
        return switch direction {
        case .receive: await worker.receiving?.worker.status.last?.isComplete == true
        case .send: await worker.sending?.worker.status.sent ?? 0 > 0
        }
    }

    func health(of worker: AccountWorker, _ direction: Direction) async -> DirectionHealth? {
        switch direction {
        case .receive: await worker.receiving?.worker.status.health
        case .send: await worker.sending?.worker.status.health
        }
    }

    // MARK: The mail

    /// Queues a mail to `notify`, if there is one.
    ///
    /// - Returns: `false` when it should be tried again.
    func send(_ mail: NoticeMail) async -> Bool {
        guard let to = settings.notify, let recipient = MailAddress(to) else { return true }
        do {
            try await send(mail, to: recipient)
            return true
        } catch {
            guard let failure = error as? Failure else { return false }
            log.record(.noticeFailed(mail.subject, because: failure))
            // The queue's disk is full; anything else would be refused again.
            return failure.scope < .daemon
        }
    }

    /// Queues a mail through the account `notify_via`. Does nothing where there is none that sends.
    ///
    /// - Returns: the queue id.
    @discardableResult
    func send(_ mail: NoticeMail, to recipient: MailAddress) async throws -> QueueID? {
        guard let worker = notifier, let settings = AccountWorker.sends(worker.account) else { return nil }
        let intake = Intake(
            account: worker.account, settings: settings, accountID: worker.id, environment: sendingEnvironment)
        var request = Intake.Request(recipients: [recipient])
        request.idempotencyKey = mail.key
        // An account may send as others only.
        let from = settings.from.first { !$0.hasPrefix("@") } ?? worker.account.address
        let octets = mail.octets(from: from, to: recipient.description, hostName: ground.hostName)
        let (content, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        continuation.yield(octets)
        continuation.finish()
        let receipt = try await intake.accept(request, content: content)
        await worker.sending?.worker.wake()
        return receipt.id
    }

    /// The account through which mail of our own is sent, if it sends.
    var notifier: AccountWorker? {
        guard let name = settings.notifyVia, let worker = workers[name], worker.sending != nil else { return nil }
        return worker
    }
}
