import MailModel
import Sessions
import Testing

@testable import Fetching

@Suite("FetchPlan")
struct FetchPlanTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let server: FolderFacts
        let ledger: FetchPlan.LedgerFacts
        var firstOfSession = true
        let plan: FetchPlan
        var testDescription: String { name }
    }

    private static func server(_ validity: UInt32, next: UInt32?, exists: Int) -> FolderFacts {
        FolderFacts(uidValidity: UIDValidity(validity), uidNext: next.flatMap { UID($0) }, exists: exists)
    }

    private static func ledger(
        _ validity: UInt32?, cursor: UInt32? = nil, next: UInt32? = nil, exists: Int? = nil, recovering: Bool = false
    ) -> FetchPlan.LedgerFacts {
        FetchPlan.LedgerFacts(
            uidValidity: validity.map { UIDValidity($0) }, cursor: cursor.flatMap { UID($0) },
            uidNextSeen: next.flatMap { UID($0) }, existsSeen: exists, isRecovering: recovering)
    }

    private static func incomplete(_ facts: FetchPlan.LedgerFacts) -> FetchPlan.LedgerFacts {
        var facts = facts
        facts.isIncomplete = true
        return facts
    }

    private static func due(_ facts: FetchPlan.LedgerFacts) -> FetchPlan.LedgerFacts {
        var facts = facts
        facts.hasDue = true
        return facts
    }

    private static func withoutAnchors(_ facts: FetchPlan.LedgerFacts) -> FetchPlan.LedgerFacts {
        var facts = facts
        facts.hasAnchors = false
        return facts
    }

    private static func on(
        _ host: String?, mailboxID: String? = nil, _ facts: FetchPlan.LedgerFacts
    ) -> FetchPlan.LedgerFacts {
        var facts = facts
        facts.server = host
        facts.mailboxID = mailboxID
        return facts
    }

    private static func named(_ mailboxID: String, _ facts: FolderFacts) -> FolderFacts {
        var facts = facts
        facts.mailboxID = mailboxID
        return facts
    }

    static let cases: [Case] = [
        Case(
            name: "the account moved to another host, which counts alike", server: server(7, next: 11, exists: 10),
            ledger: on("old.example", ledger(7, cursor: 10, next: 11, exists: 10)), plan: .recover(.serverChanged)),
        Case(
            name: "the host was not remembered", server: server(7, next: 11, exists: 10),
            ledger: on(nil, ledger(7, cursor: 10, next: 11, exists: 10)), firstOfSession: false, plan: .unchanged),
        Case(
            name: "another folder has the name now, with the same UIDVALIDITY",
            server: named("F2", server(7, next: 11, exists: 10)),
            ledger: on("host", mailboxID: "F1", ledger(7, cursor: 10, next: 11, exists: 10)),
            plan: .recover(.folderReplaced)),
        Case(
            name: "the same folder, says MAILBOXID", server: named("F1", server(7, next: 11, exists: 10)),
            ledger: on("host", mailboxID: "F1", ledger(7, cursor: 10, next: 11, exists: 10)), firstOfSession: false,
            plan: .unchanged),
        Case(
            name: "a folder never seen", server: server(7, next: 11, exists: 10), ledger: ledger(nil),
            plan: .recover(.firstVisit)),
        Case(
            name: "nothing changed in a running session", server: server(7, next: 11, exists: 10),
            ledger: ledger(7, cursor: 10, next: 11, exists: 10), firstOfSession: false, plan: .unchanged),
        Case(
            name: "nothing changed in a new session: a look, for the anchors' sake",
            server: server(7, next: 11, exists: 10), ledger: ledger(7, cursor: 10, next: 11, exists: 10),
            plan: .lookFrom(UID(11)!)),
        Case(
            name: "an arrival in a new session: everything may have changed meanwhile",
            server: server(7, next: 12, exists: 11), ledger: ledger(7, cursor: 10, next: 11, exists: 10),
            plan: .lookAtAll),
        Case(
            name: "an arrival in a running session", server: server(7, next: 12, exists: 11),
            ledger: ledger(7, cursor: 10, next: 11, exists: 10), firstOfSession: false, plan: .lookFrom(UID(11)!)),
        Case(
            name: "messages were deleted and none arrived", server: server(7, next: 11, exists: 4),
            ledger: ledger(7, cursor: 10, next: 11, exists: 10), plan: .lookFrom(UID(11)!)),
        Case(
            name: "more messages than before without a new UID", server: server(7, next: 11, exists: 11),
            ledger: ledger(7, cursor: 10, next: 11, exists: 10), firstOfSession: false, plan: .lookAtAll),
        Case(
            name: "all that was known was removed on request", server: server(7, next: 11, exists: 2),
            ledger: withoutAnchors(ledger(7, cursor: 10, next: 11, exists: 10)), plan: .lookAtAll),
        Case(
            name: "a server that tells no UIDNEXT is always asked", server: server(7, next: nil, exists: 10),
            ledger: ledger(7, cursor: 10, next: nil, exists: 10), firstOfSession: false, plan: .lookAtAll),
        Case(
            name: "a look that was never finished is repeated", server: server(7, next: 11, exists: 10),
            ledger: ledger(7, cursor: 4), firstOfSession: false, plan: .lookAtAll),
        Case(
            name: "a message is to be asked for again", server: server(7, next: 11, exists: 10),
            ledger: due(ledger(7, cursor: 10, next: 11, exists: 10)), firstOfSession: false, plan: .lookAtAll),
        Case(
            name: "old mail waits, and nobody remembers which", server: server(7, next: 11, exists: 10),
            ledger: incomplete(ledger(7, cursor: 10, next: 11, exists: 10)), firstOfSession: false, plan: .lookAtAll),
        Case(
            name: "a new UIDVALIDITY", server: server(8, next: 11, exists: 10),
            ledger: ledger(7, cursor: 10, next: 11, exists: 10), plan: .recover(.uidValidityChanged)),
        Case(
            name: "a recovery that was interrupted", server: server(8, next: 11, exists: 10),
            ledger: ledger(8, recovering: true), plan: .recover(.interrupted)),
        Case(
            name: "UIDNEXT went back", server: server(7, next: 5, exists: 4),
            ledger: ledger(7, cursor: 10, next: 11, exists: 10), plan: .recover(.uidsRestarted)),
        Case(
            name: "an empty folder stays unchanged", server: server(7, next: 1, exists: 0),
            ledger: ledger(7, cursor: nil, next: 1, exists: 0), firstOfSession: false, plan: .unchanged),
        Case(
            name: "the first arrival in an empty folder", server: server(7, next: 2, exists: 1),
            ledger: ledger(7, cursor: nil, next: 1, exists: 0), firstOfSession: false, plan: .lookFrom(.min)),
        Case(
            name: "the highest UID is taken", server: server(7, next: nil, exists: 1),
            ledger: ledger(7, cursor: .max), firstOfSession: false, plan: .lookAtAll),
    ]

    @Test("decides how to look", arguments: cases)
    func decides(_ given: Case) {
        let plan = FetchPlan.decide(
            server: given.server, on: "host", ledger: given.ledger, firstOfSession: given.firstOfSession)
        #expect(plan == given.plan)
    }

    @Test("a UID below the cursor that the ledger does not know is new mail")
    func belowTheCursor() {
        var present = UIDSet()
        present.insert(1...10)
        var known = UIDSet()
        known.insert(1...3)
        known.insert(5...10)
        #expect(FetchPlan.newMail(present: present, known: known).description == "4")
    }
}
