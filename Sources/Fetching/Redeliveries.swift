import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

/// Delivers once more what operators ordered: the server's copies are fetched again and get the delivery keys they have.
///
/// The order goes away with the commit that writes the fetched message down, so that it is carried out once however often
/// it is interrupted.
struct Redeliveries {
    let visit: FolderVisit
    let mailbox: any Mailbox
    let stored: StoredFolder

    private var store: Store { visit.environment.store }

    /// - Throws: what kept some of them from being carried out; they stay ordered, and the others are done.
    func run() async throws {
        try await settleStray()
        var failure: Failure?
        var last: UID?
        while true {
            let page = try await store.read { [stored, last] in
                try $0.redeliveries.due(
                    stored.account, stored.id, epoch: stored.epoch, after: last, limit: Limits.describedAtOnce)
            }
            guard let end = page.last else { break }
            last = end.message.uid
            let due = try await withoutFailed(page)
            let present = try await mailbox.present(UIDSet(due.map(\.message.uid)))
            try await settleGone(due.filter { !present.contains($0.message.uid) })
            let open = due.filter { present.contains($0.message.uid) }
            failure = try await deliver(open) ?? failure
        }
        if let failure { throw failure }
    }

    /// Those that were tried before are asked for alone, so that one at which every connection breaks stops no other.
    private func deliver(_ open: [Redelivery], areMoved: Bool = false) async throws -> Failure? {
        var failure: Failure?
        for (destination, all) in Dictionary(grouping: open, by: \.destination) {
            let destinations = visit.destinations.filter { destination == nil || $0.name == destination }
            guard !destinations.isEmpty else {
                failure = missing(destination)
                continue
            }
            let fresh = all.filter { $0.attempts == 0 }
            for group in [fresh] + all.filter({ $0.attempts > 0 }).map({ [$0] }) where !group.isEmpty {
                do {
                    failure = try await deliver(group, to: destinations, areMoved) ?? failure
                } catch let refusal as Failure where refusal.scope <= .folder && refusal.retry != .now {
                    guard await !mailbox.isOutOfStep else { throw refusal }
                    failure = refusal
                }
            }
        }
        return failure
    }

    /// - Returns: why some of them were not given; they stay ordered.
    private func deliver(
        _ group: [Redelivery], to destinations: [MaildirDestination], _ areMoved: Bool
    ) async throws -> Failure? {
        try await store.write { try $0.redeliveries.begin(group.map(\.message.id)) }
        var folder = try await visit.deliveryFolder(for: stored)
        folder.destinations = destinations
        let pipeline = RedeliveryPipeline(
            folder: folder, wanted: group.map(\.message), store: store, clock: visit.environment.clock,
            log: visit.environment.log, hostName: visit.environment.hostName, unsettled: visit.unsettled)
        do {
            try await mailbox.fetch(UIDSet(group.map(\.message.uid).sorted()), into: pipeline)
        } catch {
            // What arrived whole before is delivered all the same.
            let outcome = try? await pipeline.finish()
            visit.outcomes.note(.done, group.filter { outcome?.delivered.contains($0.message.uid) == true })
            throw error
        }
        let outcome = try await pipeline.finish()
        visit.outcomes.note(.done, group.filter { outcome.delivered.contains($0.message.uid) })
        try await settleGone(group.filter { outcome.gone.contains($0.message.uid) })
        if areMoved {
            // Nobody looks for them there.
            try await settle(group.filter { outcome.others.contains($0.message.uid) }, .gone)
        } else if !outcome.others.isEmpty {
            // The next visit recognises what is known under its new UIDs; what is ordered stays ordered.
            try await store.write { [stored] in try $0.folders.reset(stored.id) }
            throw ServerActions.moved
        }
        let ended = outcome.delivered.union(outcome.gone).union(outcome.others)
        let open = group.count { !ended.contains($0.message.uid) }
        return open == 0 ? nil : notGiven(open)
    }

    /// The same for copies that we moved into the open folder, where they are not known: they are delivered where mail of
    /// the folder goes that they came from.
    func run(moved: [Redelivery]) async throws {
        let due = try await withoutFailed(moved)
        let present = try await mailbox.present(UIDSet(due.map(\.message.uid)))
        try await settle(due.filter { !present.contains($0.message.uid) }, .gone)
        let failure = try await deliver(due.filter { present.contains($0.message.uid) }, areMoved: true)
        if let failure { throw failure }
    }

    /// What was begun often enough, and never came to an end, is given up.
    private func withoutFailed(_ page: [Redelivery]) async throws -> [Redelivery] {
        let failed = page.filter { $0.attempts >= Limits.redeliveryAttempts }
        try await settle(failed, .failed)
        return page.filter { $0.attempts < Limits.redeliveryAttempts }
    }

    /// Once all that is there was compared with what is known, a message without UID is not there.
    private func settleStray() async throws {
        let stray = try await store.read { [stored] transaction in
            let isRecovering = try transaction.folders.find(stored.id)?.isRecovering ?? true
            return isRecovering
                ? [] : try transaction.redeliveries.stray(stored.account, stored.id, epoch: stored.epoch)
        }
        try await settleGone(stray)
    }

    /// Where another folder has a copy, that one is asked for.
    private func settleGone(_ gone: [Redelivery]) async throws {
        guard !gone.isEmpty else { return }
        let watched = Set(
            FolderSelection(settings: visit.settings, remote: visit.remote).watched.map(\.folder.serverName))
        let now = visit.environment.clock.now
        let replaced = try await store.write { [stored] transaction in
            try gone.compactMap { redelivery -> (LedgerID, by: LedgerID)? in
                guard let key = redelivery.message.deliveryKey else { return nil }
                let others = try transaction.ledger.find(key).filter { row in
                    guard row.state == .delivered || row.state == .duplicate, row.removed == nil,
                        row.isWorse(than: redelivery.message),
                        let folder = try transaction.folders.find(row.folder)
                    else { return false }
                    return row.epoch == folder.epoch && watched.contains(folder.serverName)
                }
                guard let next = others.max(by: { $0.isWorse(than: $1) }) else { return nil }
                try transaction.redeliveries.cancel([redelivery.message.id])
                try transaction.redeliveries.order(next.id, to: nil, stored.account, at: now)
                return (redelivery.message.id, next.id)
            }
        }
        for (message, other) in replaced { visit.outcomes.substitute(other, for: message) }
        let settled = Set(replaced.map(\.0))
        try await settle(gone.filter { !settled.contains($0.message.id) }, .gone)
    }

    func settle(_ ended: [Redelivery], _ outcome: OrderOutcome) async throws {
        guard !ended.isEmpty else { return }
        try await store.write { try $0.redeliveries.cancel(ended.map(\.message.id)) }
        visit.outcomes.note(outcome, ended)
        for redelivery in ended {
            visit.environment.log.record(
                .redeliveryFailed(
                    visit.account.name, folder: visit.folder.path.description, uid: redelivery.message.uid,
                    key: redelivery.message.deliveryKey, isGone: outcome == .gone))
        }
    }

    private func missing(_ destination: DestinationName?) -> Failure {
        Failure(
            .folder, .whenReconfigured(by: .operatorOfPostbote), operation: "redeliver",
            reason:
                "Mail of this folder does not go to “\(destination?.text ?? "")” any more, where some is to be delivered "
                + "again. Correct `deliver_to:`, or order it again: postbote mail redeliver.")
    }

    private func notGiven(_ count: Int) -> Failure {
        Failure(
            .message, .later(after: nil), operation: "redeliver",
            reason:
                "The server lists messages that are to be delivered again, and did not give them: \(count). They are "
                + "asked for \(Limits.redeliveryAttempts) times.")
    }
}

extension OrderOutcomes {
    func note(_ outcome: OrderOutcome, _ redeliveries: [Redelivery]) {
        for redelivery in redeliveries { note(outcome, redelivery.message.id) }
    }
}
