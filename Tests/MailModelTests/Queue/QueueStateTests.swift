import MailModel
import Testing

@Suite("Queue states")
struct QueueStateTests {
    @Test(
        "A message is open while any recipient is, then sent if all were accepted, else failed",
        arguments: [
            ([.queued, .queued], .queued), ([.queued, .deferred], .deferred), ([.sent, .deferred], .deferred),
            ([.sent, .held, .deferred], .held), ([.inDoubt, .held, .deferred], .inDoubt),
            ([.sending, .inDoubt], .sending), ([.sent, .sent], .sent), ([.sent, .failed], .failed),
            ([.sent, .bounced], .failed), ([.cancelled, .bounced], .failed), ([.sent, .cancelled], .cancelled),
            ([.failed], .failed), ([.cancelled], .cancelled),
        ] as [([RecipientState], QueueState)])
    func ofRecipients(recipients: [RecipientState], state: QueueState) {
        #expect(QueueState(of: recipients) == state)
        #expect(QueueState(of: recipients.reversed()) == state)
        #expect(state.isOpen == recipients.contains { $0.isOpen })
    }

    /// What each order does in each state, in the order of `QueueState.allCases`; "-" is against the rules.
    @Test(
        "Orders follow the rules in every state",
        arguments: [
            //          queued    deferred  sending in_doubt  held      sent failed    cancelled
            (.retry, ["queued", "queued", "-", "queued", "queued", "-", "queued", "-"]),
            (.hold, ["held", "held", "-", "-", "same", "-", "-", "-"]),
            (.release, ["same", "same", "-", "-", "queued", "-", "-", "-"]),
            (.cancel, ["cancelled", "cancelled", "-", "cancelled", "cancelled", "-", "-", "same"]),
        ] as [(QueueOrder, [String])])
    func orders(order: QueueOrder, results: [String]) {
        #expect(results.count == QueueState.allCases.count)
        for (state, result) in zip(QueueState.allCases, results) {
            let effect = order.effect(on: state)
            switch effect {
            case .change(let from, let to):
                #expect(to.rawValue == result, "\(order) on \(state)")
                #expect(!from.contains(.sending) && !from.contains(.sent), "what runs or is done stays")
            case .nothing: #expect(result == "same", "\(order) on \(state)")
            case .refused(let reason):
                #expect(result == "-", "\(order) on \(state)")
                #expect(reason.hasSuffix("."))
            }
        }
    }
}
