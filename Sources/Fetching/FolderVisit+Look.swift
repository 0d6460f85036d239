import Delivery
import MailModel
import Sessions
import Store

// What is there, held against what is known.
extension FolderVisit {
    /// What is there, and the plan: `recover` when an anchor turned out to be another message; `lookAtAll` when none of
    /// them is there any more, so that nothing is proven, and other messages are.
    func look(
        _ mailbox: any Mailbox, _ range: Look.Question.Range, _ plan: FetchPlan, _ anchors: Anchors?,
        _ facts: FolderFacts
    ) async throws -> (UIDSet, FetchPlan) {
        let asked = anchors?.uids ?? UIDSet()
        let look = try await mailbox.look(Look.Question(range, since: settings.since, anchors: asked))
        let differ = FetchPlan.anchorsDiffer(known: anchors?.traits ?? [:], found: FolderVisit.traits(look.anchors))
        if differ { return (look.present, .recover(.anchorsDiffer)) }
        guard case .lookFrom = plan, !asked.isEmpty, look.anchors.isEmpty, facts.exists > look.present.count else {
            return (look.present, plan)
        }
        return (try await mailbox.look(Look.Question(.all, since: settings.since)).present, .lookAtAll)
    }

    /// What the UIDs that are there say against the ledger.
    func suspicion(
        _ mailbox: any Mailbox, _ stored: StoredFolder, _ present: UIDSet, _ anchors: Anchors?
    ) async throws -> FetchPlan.Cause? {
        guard !present.isEmpty else { return nil }
        let lacksAnchors = anchors.map { $0.uids.intersection(present).isEmpty } ?? false
        let (known, removed) = try await environment.store.read { transaction in
            let mayHaveLostAll = present.count >= Limits.suspiciousArrivals
            let known =
                mayHaveLostAll || lacksAnchors
                ? try transaction.ledger.known(stored.id, epoch: stored.epoch) : UIDSet()
            let removed = try transaction.ledger.removed(
                stored.id, epoch: stored.epoch, among: known.union(present))
            return (known, removed)
        }
        if !removed.intersection(present).isEmpty { return .removedAreThere }
        // What we removed ourselves is rightly gone.
        if FetchPlan.hasLostAll(present: present, known: known.subtracting(removed)) { return .noneKnown }
        guard lacksAnchors else { return nil }
        // Of the usual anchors none is there, which proves nothing: others are asked.
        let others = try await Anchors(stored, in: environment.store, among: present.intersection(known))
        guard !others.traits.isEmpty else { return nil }
        let found = try await mailbox.describe(others.uids, .identity)
        return FetchPlan.anchorsDiffer(known: others.traits, found: FolderVisit.traits(found)) ? .anchorsDiffer : nil
    }

    static func traits(_ summaries: [MessageSummary]) -> [UID: MessageTraits] {
        let found = summaries.compactMap { summary in summary.headers.map { (summary.uid, MessageTraits($0)) } }
        return Dictionary(found) { first, _ in first }
    }
}
