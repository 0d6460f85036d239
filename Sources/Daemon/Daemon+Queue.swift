import Diagnostics
import MailModel
import Operations
import Sending
import Store

extension Daemon: QueueControl, ControlPlane {
    public func submit(
        _ submission: Operations.Submission, _ content: MessageContent
    ) async throws -> SubmissionReceipt {
        guard !isStopping else {
            throw Problem(.stopping, "Nothing was stored: Postbote is stopping.", retryAfter: 1)
        }
        if case .storage(let trouble) = store.health {
            throw Problem(.tryLater, "Nothing was stored. \(trouble.reason)", retryAfter: 10)
        }
        var content = content
        let worker = try await sendingWorker(for: submission, &content)
        guard let send = AccountWorker.sends(worker.account) else {
            throw Problem.refused(
                "Account \(worker.account.name) does not send: it has no `send:`, or it is disabled.")
        }
        let intake = Intake(
            account: worker.account, settings: send, accountID: worker.id, environment: sendingEnvironment)
        do {
            let receipt = try await intake.accept(try request(submission, worker.account), content: content)
            await worker.sending?.worker.wake()
            return SubmissionReceipt(
                id: receipt.id.description, account: worker.account.name.text, duplicate: !receipt.isNew)
        } catch let failure as Failure {
            log.record(.messageRefused(worker.account.name, because: failure))
            throw failure
        }
    }

    private func request(_ submission: Operations.Submission, _ account: Account) throws -> Intake.Request {
        var request = Intake.Request(recipients: try submission.recipients.map { try address($0) })
        request.takesRecipientsFromHeader = submission.recipientsFromHeader
        if let sender = submission.sender { request.sender = sender.isEmpty ? .null : .address(try address(sender)) }
        if submission.addsMissingFrom {
            let sender = try address(submission.namedSender ?? account.address)
            request.missingFrom = NamedAddress(name: submission.fullName, address: sender)
        }
        request.idempotencyKey = submission.idempotencyKey
        request.priority = submission.priority
        request.notBefore = submission.at
        return request
    }

    private func address(_ text: String) throws -> MailAddress {
        // A line end in an address is never meant: somebody has put more into it than an address.
        let isOneLine = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard isOneLine, let address = MailAddress(text) else {
            throw Problem.refused("“\(text)” is not an address.")
        }
        return address
    }

    /// The account that was named, else the one that may send as the sender.
    private func sendingWorker(
        for submission: Operations.Submission, _ content: inout MessageContent
    ) async throws -> AccountWorker {
        if let name = submission.account { return try worker(name) }
        var sender = submission.namedSender
        if sender == nil {
            let peeked = try await PeekedContent(content)
            content = MessageContent(peeked)
            sender = peeked.author
        }
        let candidates = workers.values.filter { AccountWorker.sends($0.account) != nil }
        let fitting = candidates.filter { worker in
            guard let sender = sender?.lowercased() else { return false }
            return AccountWorker.sends(worker.account)?.from.contains { $0.lowercased() == sender } == true
        }
        if let worker = fitting.min(by: { $0.account.name < $1.account.name }) { return worker }
        guard let only = candidates.first, candidates.count == 1 else {
            throw Problem.refused(
                "No account may send as \(sender ?? "nobody: the message has no From"). Name one with --account, or add "
                    + "the address to its send.from.")
        }
        return only
    }

    // MARK: Looking

    public func messages(_ filter: QueueFilter) async throws -> QueuePage {
        let account = try filter.account.map { try worker($0).id }
        let limit = min(filter.limit, Limits.queuePage)
        let (found, names) = try await store.read { transaction in
            (
                try transaction.queue.list(
                    account: account, state: filter.state, after: filter.after, limit: limit),
                try transaction.accounts.all()
            )
        }
        let byID = Dictionary(names.map { ($0.id, $0.name) }) { first, _ in first }
        var messages: [Operations.QueuedMessage] = []
        for message in found { messages.append(try await shown(message, byID[message.account], whole: false)) }
        return QueuePage(messages: messages, next: found.count == limit ? found.last?.id.description : nil)
    }

    public func message(_ id: QueueID) async throws -> Operations.QueuedMessage {
        let found = try await store.read { transaction in
            try transaction.queue.find(id).map { ($0, try transaction.accounts.find($0.account)?.name) }
        }
        guard let (message, account) = found else { throw unknown(id.description) }
        return try await shown(message, account, whole: true)
    }

    private func shown(
        _ message: StoredMessage, _ account: AccountName?, whole: Bool
    ) async throws -> Operations.QueuedMessage {
        let (recipients, attempts) = try await store.read { transaction in
            (try transaction.queue.recipients(message.id), try transaction.queue.attempts(message.id))
        }
        let isWaiting = message.state == .queued || message.state == .deferred
        return Operations.QueuedMessage(
            id: message.id.description, account: account?.text ?? "", state: message.state,
            sender: message.reversePath, recipientCount: recipients.count, octets: message.size,
            created: message.created, attempts: message.attempts,
            nextAttempt: isWaiting ? message.nextAttempt : nil, finished: message.finished,
            reason: message.holdReason ?? recipients.lazy.filter { $0.state != .sent }.compactMap(\.reply).first,
            messageID: message.messageID, priority: message.priority,
            recipients: whole
                ? recipients.map {
                    .init(address: $0.address, state: $0.state, attempts: $0.attempts, reply: $0.reply)
                } : nil,
            history: whole
                ? attempts.map {
                    .init(
                        number: $0.number, started: $0.started, finished: $0.finished,
                        outcome: $0.outcome?.rawValue, reply: $0.reply)
                } : nil)
    }

    // MARK: Orders

    public func perform(
        _ order: QueueOrder, on selection: QueueSelection, for peer: Peer
    ) async throws -> QueueOrderReport {
        switch selection {
        case .message(let id): try await perform(order, id, peer)
        case .account(let name): try await perform(order, account: try worker(name).id, peer)
        case .all: try await perform(order, account: nil, peer)
        }
    }

    private func perform(_ order: QueueOrder, _ id: QueueID, _ peer: Peer) async throws -> QueueOrderReport {
        let now = clock.now
        do {
            let state = try await store.write { try $0.queue.order(order, id, at: now) }
            guard state != nil else { throw unknown(id.description) }
        } catch let failure as Failure where failure.scope == .message {
            throw Problem(.conflict, failure.reason)
        }
        try await tell(order, id, peer)
        return QueueOrderReport(changed: 1)
    }

    /// Orders for many touch those whose state allows it, and none that needs a decision of its own.
    private func perform(_ order: QueueOrder, account: AccountID?, _ peer: Peer) async throws -> QueueOrderReport {
        var changed = 0
        var after: QueueID?
        while true {
            let start = after
            let page = try await store.read {
                try $0.queue.list(account: account, after: start, limit: Limits.queuePage)
            }
            guard let last = page.last else { return QueueOrderReport(changed: changed) }
            after = last.id
            for message in page {
                guard order.includesAmongMany(message.state) else { continue }
                let now = clock.now
                let state = try? await store.write { try $0.queue.order(order, message.id, at: now) }
                guard state ?? nil != nil else { continue }
                changed += 1
                try await tell(order, message.id, peer)
            }
        }
    }

    private func tell(_ order: QueueOrder, _ id: QueueID, _ peer: Peer) async throws {
        let account = try await store.read { transaction in
            try transaction.queue.find(id).flatMap { try transaction.accounts.find($0.account)?.name }
        }
        guard let account else { return }
        let who = "uid \(peer.user)"
        switch order {
        case .retry: log.record(.messageRetried(account, queueID: id.description, by: who))
        case .hold: log.record(.messageHeld(account, queueID: id.description, by: who))
        case .release: log.record(.messageReleased(account, queueID: id.description, by: who))
        case .cancel: log.record(.messageCancelled(account, queueID: id.description, by: who))
        }
        await workers[account]?.sending?.worker.wake()
    }

    private func unknown(_ id: String) -> Problem { Problem.notFound("There is no message “\(id)” in the queue.") }
}
