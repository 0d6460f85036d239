import Delivery
import Diagnostics
import Fetching
import MailModel
import Operations
import Store

extension Daemon: MailControl {
    public func mail(_ question: MailQuestion) async throws -> MailPage {
        let asked = LedgerQuestion(try LedgerQuestion.Subject(question.subject), in: try await folders(question))
        let limit = min(question.limit, Limits.queuePage)
        var after = question.after.map { LedgerID($0) }
        var messages: [FetchedMessage] = []
        // One short read after the other, so that whoever else reads gets in between. An answer that takes longer than a
        // few of them goes on with the next page.
        for _ in 0..<Limits.readsPerPage {
            let (found, last) = try await store.read { [after, count = messages.count] transaction in
                let part = try transaction.ledger.find(asked, after: after, limit: limit - count)
                return (try part.rows.map { try FetchedMail($0, transaction) }, part.last)
            }
            messages += found.compactMap(shown)
            after = last
            guard last != nil, messages.count < limit else { break }
        }
        return MailPage(messages: messages, next: after?.description)
    }

    public func mail(_ key: DeliveryKey) async throws -> MailDetails {
        let found = try await store.read { transaction in
            try transaction.ledger.find(key).map { try FetchedMail($0, transaction) }
        }
        guard !found.isEmpty else { throw Daemon.unknown(key) }
        let copies = found.compactMap { mail -> FetchedMessage? in
            guard var copy = shown(mail) else { return nil }
            copy.files = files(of: mail)
            return copy
        }
        return MailDetails(deliveryKey: key.description, copies: copies)
    }

    public func give(
        _ order: MailRequest, on key: DeliveryKey, in folder: String?, wait: Bool
    ) async throws -> MailOrderReport {
        let owner = try await store.read { transaction -> AccountName? in
            guard let row = try transaction.ledger.find(key).first,
                let folder = try transaction.folders.find(row.folder)
            else { return nil }
            return try transaction.accounts.find(folder.account)?.name
        }
        guard let owner else { throw Daemon.unknown(key) }
        do {
            let copies = try await receiving(owner).give(order.order, on: key, in: folder, wait: wait)
            return MailOrderReport(
                deliveryKey: key.description, order: order.word,
                copies: copies.map { copy in
                    MailOrderReport.Copy(
                        account: owner.text, folder: copy.folder.description, uid: copy.uid.rawValue,
                        outcome: copy.outcome.rawValue, problem: copy.failure.map { ErrorReport($0) })
                })
        } catch let refusal as MailOrderRefusal {
            throw Problem(refusal, on: key, account: owner)
        }
    }

    /// The folders that a question is about; `nil`: all of every account.
    private func folders(_ question: MailQuestion) async throws -> Set<FolderID>? {
        guard question.account != nil || question.folder != nil else { return nil }
        let found = try await store.read { transaction -> [StoredFolder]? in
            guard let name = question.account else {
                return try transaction.accounts.all().flatMap { try transaction.folders.all(of: $0.id) }
            }
            // An account that is not configured any more is asked about, too.
            return try transaction.accounts.find(name).map { try transaction.folders.all(of: $0.id) }
        }
        guard let found else {
            throw Problem.notFound("There is no account “\(question.account?.text ?? "")”, and there was none.")
        }
        guard let folder = question.folder else { return Set(found.map(\.id)) }
        let named = found.filter { FolderPath(decoding: $0).description == folder }
        guard !named.isEmpty else {
            throw Problem.notFound(
                "Nothing was ever fetched from a folder “\(folder)”. Run: postbote folders ACCOUNT")
        }
        return Set(named.map(\.id))
    }

    private func shown(_ mail: FetchedMail) -> FetchedMessage? {
        guard let folder = mail.folder, let account = mail.account else { return nil }
        let row = mail.row
        let isPlaced = row.epoch == folder.epoch
        var message = FetchedMessage(
            account: account.name.text, folder: FolderPath(decoding: folder).description,
            uid: isPlaced ? row.uid.rawValue : nil, state: row.state.rawValue, noted: row.noted)
        message.reason = row.reason
        message.doubtful = row.isDoubtful
        message.deliveryKey = row.deliveryKey?.description
        message.octets = row.contentSize ?? row.traits.serverSize
        message.date = row.traits.date
        message.delivered = row.delivered
        message.removed = row.removed
        message.movedTo = row.movedTo.map { FolderPath.decoded($0) }
        message.destinations = mail.destinations.map(\.text)
        message.attempts = mail.obstacle?.attempts
        message.nextAttempt = mail.obstacle?.nextAttempt
        message.actions = mail.actions.map { action, due in
            FetchedMessage.Action(
                action: action.kind.rawValue, to: action.target?.shown, origin: action.origin.rawValue,
                phase: action.phase.rawValue, due: due)
        }
        message.redelivery = mail.redelivery.map {
            FetchedMessage.Redelivery(
                ordered: $0.ordered, destination: $0.destination?.text, attempts: $0.attempts)
        }
        return message
    }

    /// Patterns of the names that the message's files got, where the destinations are now.
    private func files(of mail: FetchedMail) -> [String]? {
        guard let folder = mail.folder, let account = mail.account, let key = mail.row.deliveryKey,
            let owner = workers[account.name]?.account
        else { return nil }
        let path = FolderPath(decoding: folder)
        let files = mail.destinations.compactMap { name -> String? in
            guard let settings = maildirSettings[name],
                let destination = try? MaildirDestination(name, settings: settings, account: owner, folder: path)
            else { return nil }
            return destination.pattern(of: key)
        }
        return files.isEmpty ? nil : files
    }

    private static func unknown(_ key: DeliveryKey) -> Problem {
        Problem.notFound("no fetched message has the delivery key \(key). Run: postbote mail find --message-id ID")
    }
}

/// A row of the ledger with everything that belongs to it.
private struct FetchedMail: Sendable {
    let row: LedgerRow
    let folder: StoredFolder?
    let account: StoredAccount?
    let destinations: [DestinationName]
    let actions: [(action: ServerAction, due: Timestamp?)]
    let redelivery: Redelivery?
    let obstacle: Obstacle?

    init(_ row: LedgerRow, _ transaction: ReadTransaction) throws {
        self.row = row
        folder = try transaction.folders.find(row.folder)
        account = try folder.flatMap { try transaction.accounts.find($0.account) }
        destinations = try transaction.ledger.destinations(of: row.id)
        actions = try transaction.serverActions.find(row.id)
        redelivery = try transaction.redeliveries.find(row.id)
        obstacle = try transaction.obstacles.find(row.id)
    }
}

extension LedgerQuestion.Subject {
    fileprivate init(_ subject: MailQuestion.Subject) throws {
        switch subject {
        case .messageID(let messageID): self = .messageID(MessageTraits.hash(of: messageID))
        case .key(let key): self = .key(key)
        case .time(let range): self = .time(range)
        }
    }
}

extension MoveTarget {
    /// As the command takes it.
    fileprivate var shown: String {
        switch self {
        case .role(let role): role.rawValue
        case .name(let name): name
        }
    }
}

extension MailRequest {
    fileprivate var order: MailOrder {
        switch self {
        case .redeliver(let destination): .redeliver(to: destination)
        case .seen: .seen
        case .move(let target): .move(to: FolderRole(rawValue: target).map { .role($0) } ?? .name(target))
        case .delete: .delete
        }
    }

    fileprivate var word: String {
        switch self {
        case .redeliver: "redeliver"
        case .seen: "seen"
        case .move: "move"
        case .delete: "delete"
        }
    }
}

extension Problem {
    fileprivate init(_ refusal: MailOrderRefusal, on key: DeliveryKey, account: AccountName) {
        switch refusal {
        case .unknownKey: self = .notFound("no fetched message has the delivery key \(key)")
        case .notInFolder(let folder):
            self = .notFound("Message \(key) has no copy in a folder “\(folder)”. Run: postbote mail show \(key)")
        case .notDelivered(let state):
            self.init(
                .conflict,
                "Message \(key) is \(state.rawValue), not delivered everywhere. Run: postbote mail show \(key)")
        case .notOnServer(let removed?, let target?):
            self.init(
                .conflict,
                "Postbote moved message \(key) into “\(FolderPath.decoded(target))” at \(removed), and the server did "
                    + "not say where it is there: add that folder to `folders:` of account \(account).")
        case .notOnServer(let removed, _):
            self.init(
                .conflict,
                removed.map { "The server has message \(key) no more: Postbote removed it at \($0)." }
                    ?? "The server has message \(key) no more, as far as is known. If it is back, run: postbote reset \(account)"
            )
        case .notWatched(let folder):
            self.init(
                .conflict,
                "Message \(key) is in folder \(folder), which is not fetched any more. Add it to `folders:` of account "
                    + "\(account).")
        case .notWithPOP3:
            self.init(
                .usage,
                "Account \(account) uses POP3, which has neither flags nor folders: mail can be deleted there, and "
                    + "delivered again. Use protocol: imap for the others.")
        case .underWay:
            self.init(.conflict, "Message \(key) is being moved or deleted already. Run: postbote mail show \(key)")
        case .noSuchDestination(let name, let known):
            self = .notFound(
                "Mail of that folder does not go to “\(name)”, but to: \(known.map(\.text).joined(separator: ", "))")
        }
    }
}
