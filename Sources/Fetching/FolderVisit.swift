import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

/// One visit to one folder: open, compare with the ledger, recognise, fetch, account.
struct FolderVisit {
    struct Result {
        var delivered = 0
        var octets: Int64 = 0
        /// Listed by the server and not retrieved: looked for again at the next visit.
        var open = 0
        var tooLarge = 0
    }

    let account: Account
    let settings: ReceiveSettings
    let accountID: AccountID
    let folder: RemoteFolder
    let destinations: [MaildirDestination]
    let environment: FetchingEnvironment

    /// - Parameter firstOfSession: this connection has not opened the folder before.
    func run(_ mailbox: any Mailbox, firstOfSession: Bool) async throws -> Result {
        let facts = try await mailbox.select(folder)
        var stored = try await remembered()
        let ledger = FetchPlan.LedgerFacts(stored)
        environment.log.record(
            .folderOpened(
                account.name, folder: folder.path.description, uidValidity: facts.uidValidity, exists: facts.exists))
        var plan = FetchPlan.decide(server: facts, ledger: ledger, firstOfSession: firstOfSession)
        var present = UIDSet()
        let anchors = firstOfSession ? try await knownAnchors(stored) : [:]
        switch plan {
        case .unchanged: return Result()
        case .lookFrom(let uid): (present, plan) = try await look(mailbox, .from(uid), plan, anchors)
        case .lookAtAll: (present, plan) = try await look(mailbox, .all, plan, anchors)
        case .recover: break
        }
        if case .recover(let cause) = plan {
            (stored, present) = try await FolderRecovery(visit: self, mailbox: mailbox)
                .run(stored, facts: facts, because: cause)
        }
        return try await fetch(mailbox, stored, facts, present: present)
    }

    // MARK: Looking

    /// What is there, and the plan: `recover` when an anchor turned out to be another message.
    private func look(
        _ mailbox: any Mailbox, _ range: Look.Question.Range, _ plan: FetchPlan, _ anchors: [UID: MessageTraits]
    ) async throws -> (UIDSet, FetchPlan) {
        let look = try await mailbox.look(
            Look.Question(range, since: settings.since, anchors: UIDSet(anchors.keys)))
        let found = look.anchors.compactMap { summary in
            summary.headers.map { (summary.uid, MessageTraits($0)) }
        }
        let differ = FetchPlan.anchorsDiffer(known: anchors, found: Dictionary(found) { first, _ in first })
        return (look.present, differ ? .recover(.anchorsDiffer) : plan)
    }

    private func knownAnchors(_ stored: StoredFolder) async throws -> [UID: MessageTraits] {
        guard stored.uidValidity != nil else { return [:] }
        let rows = try await environment.store.read { try $0.ledger.anchors(stored.id, epoch: stored.epoch) }
        return Dictionary(rows.map { ($0.uid, $0.traits) }) { first, _ in first }
    }

    private func remembered() async throws -> StoredFolder {
        let known = try await environment.store.read { try $0.folders.find(accountID, serverName: folder.serverName) }
        if let known, known.role == folder.role { return known }
        return try await environment.store.write {
            try $0.folders.ensure(accountID, serverName: folder.serverName, role: folder.role)
        }
    }

    // MARK: Fetching

    private func fetch(
        _ mailbox: any Mailbox, _ stored: StoredFolder, _ facts: FolderFacts, present: UIDSet
    ) async throws -> Result {
        var result = Result()
        let started = environment.clock.now
        let known = try await environment.store.read {
            try $0.ledger.known(stored.id, epoch: stored.epoch, in: (present.first ?? .min) ... .max)
        }
        var new = FetchPlan.newMail(present: present, known: known)
        if let limit = settings.maxMessageSize, !new.isEmpty {
            let tooLarge = try await noteTooLarge(mailbox, stored, new, limit: limit)
            new = new.subtracting(tooLarge)
            result.tooLarge = tooLarge.count
        }
        var open = UIDSet()
        if !new.isEmpty {
            let outcome = try await deliver(mailbox, stored, new)
            open = outcome.missing
            result.delivered = outcome.delivered
            result.octets = outcome.octets
            result.open = open.count
        }
        try await account(stored, facts, present: present, open: open)
        environment.log.record(
            .fetchFinished(
                account.name, folder: folder.path.description, delivered: result.delivered, octets: result.octets,
                after: environment.clock.now - started))
        return result
    }

    private func deliver(
        _ mailbox: any Mailbox, _ stored: StoredFolder, _ new: UIDSet
    ) async throws -> DeliveryPipeline.Outcome {
        let pipeline = DeliveryPipeline(
            folder: DeliveryFolder(
                account: account.name, path: folder.path, id: stored.id, epoch: stored.epoch,
                destinations: destinations),
            store: environment.store, clock: environment.clock, log: environment.log, hostName: environment.hostName)
        do {
            try await mailbox.fetch(new, into: pipeline)
        } catch {
            // What arrived whole before the connection was lost is delivered all the same.
            _ = try? await pipeline.finish()
            throw error
        }
        return try await pipeline.finish()
    }

    private func noteTooLarge(
        _ mailbox: any Mailbox, _ stored: StoredFolder, _ new: UIDSet, limit: Int64
    ) async throws -> UIDSet {
        var tooLarge = UIDSet()
        for chunk in new.chunks(of: Limits.describedAtOnce) {
            for summary in try await mailbox.describe(chunk) {
                guard let size = summary.size, size > limit else { continue }
                tooLarge.insert(summary.uid)
                let now = environment.clock.now
                let traits = summary.headers.map {
                    MessageTraits(
                        $0, emailID: summary.emailID, gmailMessageID: summary.gmailMessageID, serverSize: size)
                }
                try await environment.store.write {
                    _ = try $0.ledger.note(
                        stored.id, epoch: stored.epoch, uid: summary.uid, as: .tooLarge,
                        traits: traits ?? MessageTraits(serverSize: size), reason: "\(size) octets, limit \(limit)",
                        at: now)
                }
                environment.log.record(
                    .messageTooLarge(
                        account.name, folder: folder.path.description, uid: summary.uid, octets: size, limit: limit))
            }
        }
        return tooLarge
    }

    private func account(
        _ stored: StoredFolder, _ facts: FolderFacts, present: UIDSet, open: UIDSet
    ) async throws {
        let cursor = FetchPlan.cursor(before: stored.cursor, seen: present, open: open)
        let isComplete = open.isEmpty
        let uidNext = isComplete ? facts.uidNext : nil
        let exists = isComplete ? facts.exists : nil
        guard cursor != stored.cursor || uidNext != stored.uidNextSeen || exists != stored.existsSeen else { return }
        try await environment.store.write {
            try $0.folders.advance(
                stored.id, epoch: stored.epoch, cursor: cursor, uidNextSeen: uidNext, existsSeen: exists)
        }
    }
}

extension FetchPlan.LedgerFacts {
    init(_ stored: StoredFolder) {
        self.init(
            uidValidity: stored.uidValidity, cursor: stored.cursor, uidNextSeen: stored.uidNextSeen,
            existsSeen: stored.existsSeen, isRecovering: stored.isRecovering)
    }
}
