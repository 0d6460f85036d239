import Diagnostics
import MailModel
import Sessions
import Store

/// Does to the server's copies of delivered messages what is due: marks, deletes, moves.
///
/// Each step is written down before the server is asked, so that after a crash it is asked again, which changes nothing that
/// is done already; only a copy is looked for first. Before anything is deleted or moved, headers show that the UIDs still
/// name the messages that the ledger means.
struct ServerActions {
    let visit: FolderVisit
    let mailbox: any Mailbox
    let source: Source

    /// Which messages are meant.
    enum Source {
        /// Those that the ledger has in the visited folder.
        case folder(StoredFolder)
        /// Those that we moved into the visited folder, where they are not known, by their UIDs there.
        case moved(UIDValidity)
    }

    private var store: Store { visit.environment.store }
    private var now: Timestamp { visit.environment.clock.now }

    /// Each action is tried once: one that the server refuses waits for the next visit, and no other one for it.
    ///
    /// - Throws: the first refusal, with the others done.
    func run() async throws {
        var refusal: Failure?
        var last: UID?
        while true {
            let due = try await wanted(after: last)
            guard let end = due.last else { break }
            last = end.message.uid
            let facts = try await mailbox.select(visit.folder, for: .changing)
            guard facts.uidValidity == uidValidity else { throw ServerActions.moved }
            refusal = try await perform(due) ?? refusal
            // What is deleted when the session closes is seen to be gone at the next visit.
            if mailbox.deletesAtClose { break }
        }
        if let refusal { throw refusal }
    }

    private var uidValidity: UIDValidity? {
        switch source {
        case .folder(let stored): stored.uidValidity
        case .moved(let validity): validity
        }
    }

    /// Plans the deletion of what was delivered longer ago than `delete_after` says.
    func planDeletions() async throws {
        guard case .folder(let stored) = source, let role = visit.folder.role,
            let age = visit.settings.deleteAfter[role]
        else { return }
        let now = now
        var last: UID?
        repeat {
            let page = try await store.read { [last] in
                try $0.serverActions.outdated(
                    stored.id, epoch: stored.epoch, deliveredBefore: now - age, after: last,
                    limit: Limits.describedAtOnce)
            }
            last = page.last?.uid
            guard !page.isEmpty else { return }
            try await store.write { transaction in
                for (id, _) in page {
                    try transaction.serverActions.plan(
                        id, .delete, origin: .deleteAfter, stored.account, due: now)
                }
            }
        } while last != nil
    }

    /// What is due and still wanted: the setting may have changed since it was planned.
    private func wanted(after last: UID?) async throws -> [ServerAction] {
        let now = now
        let due = try await store.read { [source, account = visit.accountID, name = visit.folder.serverName] in
            switch source {
            case .folder(let stored):
                try $0.serverActions.due(
                    account, stored.id, epoch: stored.epoch, at: now, after: last, limit: Limits.describedAtOnce)
            case .moved(let validity):
                try $0.serverActions.moved(
                    account, to: name, under: validity, after: last, limit: Limits.describedAtOnce)
            }
        }
        let isKept = visit.afterFetch == .keep
        let revoked = due.filter { isKept && $0.origin == .afterFetch && $0.phase == .planned }
        guard !revoked.isEmpty else { return due }
        try await finish(revoked, removed: false)
        return try await wanted(after: last)
    }

    /// - Returns: the last refusal.
    private func perform(_ due: [ServerAction]) async throws -> Failure? {
        let present = try await mailbox.present(UIDSet(due.map(\.message.uid)))
        let gone = due.filter { !present.contains($0.message.uid) && $0.phase != .copying }
        try await settleGone(gone)
        let open = try await verified(due.filter { present.contains($0.message.uid) })
        var refusal: Failure?
        for (wish, actions) in groups(open) {
            do {
                try await perform(wish, actions)
            } catch let failure as Failure where failure.scope <= .folder && failure.retry != .now {
                guard await !mailbox.isOutOfStep else { throw failure }
                try await store.write { [ids = actions.map(\.message.id)] in try $0.serverActions.planAgain(ids) }
                refusal = failure
            }
        }
        // Copied before a crash, and nobody knows whether the original is gone: it is.
        try await settleGone(due.filter { $0.phase == .copying && !present.contains($0.message.uid) })
        return refusal
    }

    private struct Wish: Hashable {
        var kind: ServerAction.Kind
        var target: MoveTarget?
        var origin: ServerAction.Origin
    }

    /// What is done in one step; a message is marked before it is deleted or moved.
    private func groups(_ open: [ServerAction]) -> [(Wish, [ServerAction])] {
        let groups = Dictionary(grouping: open) { Wish(kind: $0.kind, target: $0.target, origin: $0.origin) }
        return groups.sorted { $0.key.kind == .seen && $1.key.kind != .seen }.map { ($0.key, $0.value) }
    }

    private func perform(_ wish: Wish, _ actions: [ServerAction]) async throws {
        switch wish.kind {
        case .seen:
            try await mailbox.markSeen(uids(actions))
            try await finish(actions, removed: false)
            if wish.origin == .operator { report(actions, .seen) }
        case .delete: try await delete(actions)
        case .move:
            let target = try folder(wish.target, for: wish.origin)
            // It is there already: the folder that mail is moved to may be watched itself.
            guard target.serverName != visit.folder.serverName else {
                return try await finish(actions, removed: false)
            }
            try await move(actions, to: target)
        }
    }

    /// Of messages that are not there any more nothing is left to do. One that was being deleted was deleted.
    private func settleGone(_ gone: [ServerAction]) async throws {
        let (marks, changes) = (gone.filter { $0.kind == .seen }, gone.filter { $0.kind != .seen })
        try await finish(marks, removed: false, .gone)
        try await finish(changes.filter { $0.phase == .planned }, removed: true, .gone)
        let begun = changes.filter { $0.phase != .planned }
        try await finish(begun, removed: true)
        report(begun.filter { $0.kind == .delete }, .deleted)
        report(begun.filter { $0.kind == .move }, .moved)
        report(gone.filter { $0.origin == .operator && ($0.kind == .seen || $0.phase == .planned) }, .gone)
    }

    /// Once all that is there was compared with what is known, a message without UID is not there: what was ordered for it
    /// cannot be done.
    func settleStray() async throws {
        guard case .folder(let stored) = source else { return }
        let stray = try await store.read { transaction in
            let found = try transaction.serverActions.stray(stored.account, stored.id, epoch: stored.epoch)
            guard !found.isEmpty else { return found }
            return try transaction.folders.find(stored.id)?.isRecovering == false ? found : []
        }
        try await finish(stray, removed: false, .gone)
        report(stray, .gone)
    }

    /// No message that the ledger does not mean is ever deleted or moved.
    ///
    /// - Returns: what may be done.
    private func verified(_ open: [ServerAction]) async throws -> [ServerAction] {
        let changing = open.filter { $0.kind != .seen || $0.origin == .operator }
        guard !changing.isEmpty else { return open }
        let known = Dictionary(changing.map { ($0.message.uid, $0.message.traits) }) { first, _ in first }
        let summaries = try await mailbox.describe(UIDSet(known.keys), .identity)
        let others = summaries.filter { summary in
            guard let headers = summary.headers, let expected = known[summary.uid] else { return true }
            return MessageTraits(headers).contradicts(expected)
        }
        guard !others.isEmpty else { return open }
        switch source {
        case .folder(let stored):
            // The next visit recognises what is known under its new UIDs; what is due stays due.
            try await store.write { try $0.folders.reset(stored.id) }
            throw ServerActions.moved
        case .moved:
            // Nobody looks for them there.
            let uids = Set(others.map(\.uid))
            try await settleMissing(open.filter { uids.contains($0.message.uid) })
            return open.filter { !uids.contains($0.message.uid) }
        }
    }

    /// Copies of which nobody knows where they are.
    func settleMissing(_ missing: [ServerAction]) async throws {
        try await finish(missing, removed: true, .gone)
        report(missing, .gone)
    }

    // MARK: Deleting

    private func delete(_ actions: [ServerAction]) async throws {
        let ids = actions.map(\.message.id)
        try await store.write { try $0.serverActions.begin(ids) }
        try await mailbox.delete(uids(actions))
        guard !mailbox.deletesAtClose else { return }
        try await finish(actions, removed: true)
        report(actions, .deleted)
    }

    // MARK: Moving

    private func move(_ actions: [ServerAction], to target: RemoteFolder) async throws {
        guard mailbox.canMove else { return try await copyAndDelete(actions, to: target) }
        try await store.write { [ids = actions.map(\.message.id)] in try $0.serverActions.begin(ids) }
        let places = try await mailbox.move(uids(actions), to: target)
        try await settleMoved(actions, to: target, places)
        report(actions, .moved)
    }

    private func copyAndDelete(_ actions: [ServerAction], to target: RemoteFolder) async throws {
        var places: [UID: MessagePlace] = [:]
        let interrupted = actions.filter { $0.phase == .copying }
        let found = try await copies(of: interrupted, in: target)
        try await store.write { [found = Array(found)] in try $0.serverActions.copied(found) }
        let open = actions.filter { $0.phase != .copied && !found.contains($0.message.id) }
        if !open.isEmpty {
            let facts = try await mailbox.select(target)
            _ = try await mailbox.select(visit.folder, for: .changing)
            let place = facts.uidNext.map {
                ServerAction.CopyPlace(serverName: target.serverName, uidValidity: facts.uidValidity, uidNext: $0)
            }
            let ids = open.map(\.message.id)
            try await store.write { transaction in
                if let place { try transaction.serverActions.copying(ids, into: place) }
            }
            places = try await mailbox.copy(uids(open), to: target)
            try await store.write { try $0.serverActions.copied(ids) }
        }
        try await mailbox.delete(uids(actions))
        try await settleMoved(actions, to: target, places)
        report(actions, .moved)
    }

    /// Which messages a copy that a crash interrupted had copied.
    private func copies(of actions: [ServerAction], in target: RemoteFolder) async throws -> Set<LedgerID> {
        guard let place = actions.first?.copy, place.serverName == target.serverName else { return [] }
        let facts = try await mailbox.select(target)
        var found: Set<LedgerID> = []
        if facts.uidValidity == place.uidValidity {
            let first = actions.compactMap(\.copy?.uidNext).min() ?? place.uidNext
            let arrived = try await mailbox.look(Look.Question(.from(first))).present
            var open = actions
            for chunk in arrived.chunks(of: Limits.describedAtOnce) {
                for summary in try await mailbox.describe(chunk, .identity) {
                    guard let identity = summary.headers.map({ IdentityKey($0) }),
                        let index = open.firstIndex(where: { $0.message.traits.identity == identity })
                    else { continue }
                    found.insert(open.remove(at: index).message.id)
                }
            }
        }
        _ = try await mailbox.select(visit.folder, for: .changing)
        return found
    }

    /// A message that moved into a folder that is known stays known there, under its new UID.
    private func settleMoved(
        _ actions: [ServerAction], to target: RemoteFolder, _ places: [UID: MessagePlace]
    ) async throws {
        let now = now
        let pairs = actions.compactMap { action in places[action.message.uid].map { (action.message.id, $0) } }
        let known = Dictionary(pairs) { first, _ in first }
        try await store.write { [account = visit.accountID] transaction in
            try transaction.serverActions.finish(actions, removed: true, at: now)
            try transaction.serverActions.moved(actions.map(\.message.id), to: target.serverName, known)
            guard let folder = try transaction.folders.find(account, serverName: target.serverName) else { return }
            let found = actions.compactMap { action -> FoundMessage? in
                guard let place = places[action.message.uid], place.uidValidity == folder.uidValidity else {
                    return nil
                }
                return FoundMessage(id: action.message.id, uid: place.uid)
            }
            try transaction.ledger.remap(folder.id, to: folder.epoch, found)
        }
        visit.outcomes.note(.done, actions)
    }

    private func folder(_ target: MoveTarget?, for origin: ServerAction.Origin) throws(Failure) -> RemoteFolder {
        let found = visit.remote.first { folder in
            switch target {
            case .role(let role): folder.role == role
            case .name(let name): folder.path.description == name || folder.serverName == name
            case nil: false
            }
        }
        if let found { return found }
        let name =
            switch target {
            case .role(let role): "with the role \(role.rawValue)"
            case .name(let name): "“\(name)”"
            case nil: "to move to"
            }
        guard origin != .operator else {
            throw Failure(
                .folder, .later(after: nil), operation: "mail move",
                reason:
                    "The mailbox has no folder \(name). Create it, or order something else: postbote mail move --to "
                    + "FOLDER KEY. Mail is kept until then.")
        }
        throw Failure(
            .folder, .later(after: nil), operation: "after_fetch",
            reason:
                "The mailbox has no folder \(name). Create it, or correct `after_fetch:`. Mail is kept until then.")
    }

    // MARK: Parts

    private func uids(_ actions: [ServerAction]) -> UIDSet { UIDSet(actions.map(\.message.uid).sorted()) }

    private func finish(
        _ actions: [ServerAction], removed: Bool, _ outcome: OrderOutcome = .done
    ) async throws {
        guard !actions.isEmpty else { return }
        let now = now
        try await store.write { try $0.serverActions.finish(actions, removed: removed, at: now) }
        visit.outcomes.note(outcome, actions)
    }

    private func report(_ actions: [ServerAction], _ change: Event.ServerChange) {
        for action in actions {
            visit.environment.log.record(
                .serverCopyChanged(
                    visit.account.name, folder: visit.folder.path.description, uid: action.message.uid,
                    key: action.message.deliveryKey, change))
        }
    }

    static let moved = Failure(
        .folder, .now, operation: "after_fetch",
        reason:
            "Other messages stand under known UIDs; known mail is recognised first, and nothing is changed until then."
    )
}

extension OrderOutcomes {
    /// Only what operators ordered is waited for.
    func note(_ outcome: OrderOutcome, _ actions: [ServerAction]) {
        for action in actions where action.origin == .operator { note(outcome, action.message.id) }
    }
}
