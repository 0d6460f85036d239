import Diagnostics
import MailModel
import Sessions
import Store

/// What an order is about, and what came of it.
public struct OrderedCopy: Hashable, Sendable {
    public var message: LedgerID
    public var folder: FolderPath
    public var uid: UID
    public var outcome: OrderOutcome
    /// Why it is pending, where that is known.
    public var failure: Failure?
}

extension AccountFetcher {
    /// Writes an order down and begins a turn, which carries it out at the visit to the folder: there known mail is
    /// recognised first, so that an order outlives moves and restarts.
    ///
    /// - Parameters:
    ///   - folder: only the copy in this one, by name; `nil`: all copies.
    ///   - wait: returns when it is known what came of it, or why it has to wait.
    /// - Throws: `MailOrderRefusal` when it is not taken.
    public func give(
        _ order: MailOrder, on key: DeliveryKey, in folder: String?, wait: Bool
    ) async throws -> [OrderedCopy] {
        // Before the order is written down: a turn that runs may carry it out at once.
        let messages = try await environment.store.read { try $0.ledger.find(key).map(\.id) }
        outcomes.expect(messages)
        defer { outcomes.forget(messages) }
        let copies = try await plan(order, on: key, in: folder)
        for copy in copies {
            environment.log.record(
                .mailOrder(account.name, folder: copy.folder.description, uid: copy.uid, key: key, order.event))
        }
        guard wait else {
            fetchSoon()
            return copies
        }
        return await waited(for: copies)
    }

    /// Goes through turns until the end of each copy is known, or what keeps it waiting.
    private func waited(for copies: [OrderedCopy]) async -> [OrderedCopy] {
        var copies = copies
        for _ in 0..<Limits.orderTurns {
            var failure: Failure?
            do throws(Failure) {
                _ = try await fetch(.newMail)
            } catch {
                failure = error.of(account: account.name.text)
            }
            for index in copies.indices {
                copies[index].outcome = outcomes[copies[index].message] ?? .pending
                copies[index].failure =
                    copies[index].outcome == .pending
                    ? failure ?? status.folderFailures[copies[index].folder.description] : nil
            }
            let isOpen = copies.contains { $0.outcome == .pending && $0.failure == nil }
            guard failure == nil, isOpen else { break }
        }
        return copies
    }

    private func plan(_ order: MailOrder, on key: DeliveryKey, in folder: String?) async throws -> [OrderedCopy] {
        let plan = MailOrderPlan(order: order, folder: folder, isPOP3: settings.mailProtocol == .pop3)
        let now = environment.clock.now
        return try await environment.store.write { [accountID, settings] transaction in
            let copies = try transaction.ledger.find(key).compactMap { row -> MailOrderPlan.Copy? in
                guard let stored = try transaction.folders.find(row.folder), stored.account == accountID else {
                    return nil
                }
                return MailOrderPlan.Copy(row, in: stored, settings)
            }
            let wanted = try plan.decide(copies)
            let taken = try wanted.filter { copy in
                let id = copy.row.id
                switch order {
                case .redeliver(let destination):
                    try transaction.redeliveries.order(id, to: destination, accountID, at: now)
                    return true
                case .seen:
                    return try transaction.serverActions.plan(id, .seen, origin: .operator, accountID, due: now)
                case .move(let target):
                    return try transaction.serverActions.plan(
                        id, .move, target: target, origin: .operator, accountID, due: now)
                case .delete:
                    return try transaction.serverActions.plan(id, .delete, origin: .operator, accountID, due: now)
                }
            }
            guard !taken.isEmpty else { throw MailOrderRefusal.underWay }
            return taken.map {
                OrderedCopy(
                    message: $0.row.id, folder: $0.path, uid: $0.row.movedPlace?.uid ?? $0.row.uid, outcome: .ordered)
            }
        }
    }
}

extension MailOrderPlan.Copy {
    /// Whether the folder is watched is known without asking the server, but for folders that are selected as `subscribed`.
    fileprivate init(_ row: LedgerRow, in stored: StoredFolder, _ settings: ReceiveSettings) {
        let remote = RemoteFolder(remembered: stored)
        self.init(
            row: row,
            path: row.movedTo.map { RemoteFolder(spelling: $0, role: nil, delimiter: stored.delimiter).path }
                ?? remote.path,
            epoch: stored.epoch, isRecovering: stored.isRecovering,
            destinations: FolderSelection(settings: settings, remote: [remote]).watched.first?.deliverTo)
    }
}

extension RemoteFolder {
    init(remembered stored: StoredFolder) {
        self.init(spelling: stored.serverName, role: stored.role, delimiter: stored.delimiter)
    }
}

extension MailOrder {
    fileprivate var event: Event.MailOrder {
        switch self {
        case .redeliver: .redeliver
        case .seen: .seen
        case .move: .move
        case .delete: .delete
        }
    }
}
