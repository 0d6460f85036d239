import Diagnostics
import Fetching
import MailModel
import Operations
import Store

extension Daemon: QuarantineControl {
    public func quarantine(_ account: AccountName?, after id: Int64?, limit: Int) async throws -> QuarantinePage {
        let only = try account.map { try worker($0).id }
        let limit = min(limit, Limits.queuePage)
        let found = try await store.read { transaction in
            try transaction.obstacles.quarantined(only, after: id.map { LedgerID($0) }, limit: limit)
                .map { try Quarantined($0, transaction) }
        }
        return QuarantinePage(
            messages: found.map(shown), next: found.count == limit ? found.last?.obstacle.message.description : nil)
    }

    public func quarantined(_ id: Int64) async throws -> QuarantinedMessage { shown(try await find(id)) }

    public func perform(_ order: Operations.QuarantineOrder, on id: Int64) async throws {
        let message = try await find(id)
        let now = clock.now
        switch order {
        case .retry:
            guard try await store.write({ try $0.obstacles.retry(LedgerID(id), at: now) }) else { throw missing(id) }
            await workers[message.account.name]?.receiving?.worker.fetchSoon()
        case .deliver:
            guard message.obstacle.file != nil else {
                throw Problem(
                    .conflict,
                    "There is nothing to deliver: the server gave no bytes of message \(id). Ask for it again with "
                        + "postbote quarantine retry \(id), or give it up with drop.")
            }
            try await receiving(message.account.name).deliver(message.obstacle, in: message.folder)
        case .drop:
            let dropped = try await store.write {
                try $0.obstacles.drop(LedgerID(id), reason: "dropped by an operator", at: now)
            }
            guard let dropped else { throw missing(id) }
            store.quarantine.remove([dropped.file].compactMap(\.self))
        }
        log.record(
            .quarantineOrder(
                message.account.name, folder: FolderPath(decoding: message.folder).description,
                uid: message.obstacle.uid, order.done))
    }

    private func find(_ id: Int64) async throws -> Quarantined {
        let found = try await store.read { transaction -> Quarantined? in
            guard let obstacle = try transaction.obstacles.find(LedgerID(id)), obstacle.state == .quarantined else {
                return nil
            }
            return try Quarantined(obstacle, transaction)
        }
        guard let found else { throw missing(id) }
        return found
    }

    private func missing(_ id: Int64) -> Problem {
        Problem.notFound("no message in quarantine has the id \(id). Run: postbote quarantine list")
    }

    private func shown(_ message: Quarantined) -> QuarantinedMessage {
        QuarantinedMessage(
            id: message.obstacle.message.description, account: message.account.name.text,
            folder: FolderPath(decoding: message.folder).description, uid: message.obstacle.uid.rawValue,
            attempts: message.obstacle.attempts, reason: message.obstacle.reason,
            file: message.obstacle.file.map { store.quarantine.path(of: $0) })
    }
}

/// An obstacle with whom and what it belongs to.
private struct Quarantined: Sendable {
    let obstacle: Obstacle
    let folder: StoredFolder
    let account: StoredAccount

    init<Access>(_ obstacle: Obstacle, _ transaction: Transaction<Access>) throws {
        guard let folder = try transaction.folders.find(obstacle.folder),
            let account = try transaction.accounts.find(folder.account)
        else { throw Problem.notFound("the folder of message \(obstacle.message) was forgotten meanwhile") }
        self.obstacle = obstacle
        self.folder = folder
        self.account = account
    }
}

extension Operations.QuarantineOrder {
    fileprivate var done: Event.QuarantineOrder {
        switch self {
        case .retry: .retried
        case .deliver: .delivered
        case .drop: .dropped
        }
    }
}
