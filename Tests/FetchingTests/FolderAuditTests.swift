import Diagnostics
import MailModel
import Store
import Testing

@testable import Fetching

private func uids(_ range: ClosedRange<UInt32>) -> UIDSet { UIDSet(ranges: [range]) }
private func uids(_ numbers: UInt32...) -> UIDSet { UIDSet(ranges: numbers.map { $0...$0 }) }

@Suite("An audit of a folder") struct FolderAuditTests {
    private func audit(
        present: UIDSet, known: UIDSet, cursor: UInt32? = 10, exists: Int? = nil, hidesOlder: Bool = false,
        _ change: (inout FolderAudit.LedgerFacts) -> Void = { _ in }
    ) -> FolderAudit {
        var facts = FolderAudit.LedgerFacts(cursor: cursor.flatMap { UID($0) }, known: known)
        change(&facts)
        return FolderAudit(
            present: present, exists: exists ?? present.count, hidesOlder: hidesOlder, ledger: facts)
    }

    @Test("finds nothing where each UID has a row")
    func clean() {
        let audit = audit(present: uids(1...10), known: uids(1...10))
        #expect(audit.differences.isEmpty)
        #expect(audit.numbers == AuditNumbers(listed: 10, states: [.delivered: 10]))
    }

    @Test("names a UID up to the cursor that has no row, and no other one")
    func missed() {
        let audit = audit(present: uids(1...14), known: uids(1...3).union(uids(5...9)))
        #expect(audit.differences == [.missed: uids(4, 10)])
        #expect(audit.unaccounted == uids(4, 10))
        #expect(audit.numbers.arriving == 4)
        #expect(!audit.needsRecovery)
    }

    @Test("finds nothing missed where nothing was fetched yet")
    func noCursor() {
        let audit = audit(present: uids(1...5), known: UIDSet(), cursor: nil)
        #expect(audit.differences.isEmpty)
        #expect(audit.numbers.arriving == 5)
    }

    @Test("takes old mail that is still to be fetched for what it is")
    func waiting() {
        let audit = audit(present: uids(1...12), known: uids(6...10)) { $0.waiting = uids(1...5) }
        #expect(audit.differences.isEmpty)
        #expect(audit.numbers.waiting == 5 && audit.numbers.arriving == 2)
    }

    @Test("counts each listed message once, by what became of it")
    func states() {
        let audit = audit(present: uids(1...8), known: uids(1...10)) {
            $0.undelivered = [
                .tooLarge: uids(2), .skipped: uids(3), .deferred: uids(4), .quarantined: uids(5),
                .duplicate: uids(6, 9), .gone: uids(7, 10),
            ]
        }
        #expect(audit.differences.isEmpty)
        let states = audit.numbers.states
        #expect(states.values.reduce(0, +) == 8)
        #expect(states[.delivered] == 2 && states[.duplicate] == 1 && states[.gone] == 1)
        #expect(audit.numbers.notListed == 2)
    }

    @Test("takes delivered mail that was removed from the server for what it is, and names what was never fetched")
    func notListed() {
        let audit = audit(present: uids(3...8), known: uids(1...10)) {
            $0.undelivered = [.deferred: uids(1, 4), .quarantined: uids(10), .tooLarge: uids(9)]
            $0.open = uids(1, 4, 10)
        }
        #expect(audit.differences == [.openNotListed: uids(1, 10)])
        #expect(audit.unaccounted.isEmpty)
        #expect(audit.numbers.notListed == 4)
    }

    @Test("concludes nothing from what a search by date does not list")
    func hidden() {
        let audit = audit(present: uids(6...10), known: uids(4...10), exists: 12, hidesOlder: true) {
            $0.undelivered = [.deferred: uids(4)]
            $0.open = uids(4)
        }
        #expect(audit.differences.isEmpty)
        #expect(audit.numbers.beforeSince == 7)
    }

    @Test("concludes nothing from what a visit wrote down after the server was asked")
    func meanwhile() {
        // One arrived then and was not given, and one was removed on request.
        let audit = audit(present: uids(1...10), known: uids(1...11)) { $0.undelivered = [.deferred: uids(11)] }
        #expect(audit.differences.isEmpty)
    }

    @Test("wants a recovery where rows are of other messages, and counts each of them once")
    func others() {
        var audit = audit(present: uids(1...10), known: uids(1...10)) { $0.removed = uids(3, 20) }
        audit.add(others: uids(3, 7))
        #expect(audit.differences == [.removedListed: uids(3), .otherMessage: uids(7)])
        #expect(audit.unaccounted == uids(3, 7))
        #expect(audit.needsRecovery)
    }

    @Test("holds a folder of 500,000 messages as ranges")
    func large() {
        let audit = audit(present: uids(1...500_000), known: uids(1...499_999), cursor: 500_000)
        #expect(audit.differences == [.missed: uids(500_000)])
        #expect(audit.comparable.ranges.count == 1)
    }
}
