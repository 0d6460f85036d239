import MailModel
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("What memory holds of a folder's identities") struct KnownIdentitiesTests {
    private func prefix(_ number: UInt64) -> IdentityPrefix { IdentityPrefix(rawValue: number) }

    @Test("offers the one message of an identity, once")
    func once() {
        var identities = KnownIdentities(count: 3)
        for id in 1...3 as ClosedRange<Int64> {
            let isAdded = identities.add(prefix(UInt64(id)), LedgerID(id), isFree: true)
            #expect(isAdded)
        }
        #expect(identities.take(prefix(2)) == LedgerID(2))
        #expect(identities.take(prefix(2)) == nil)
        #expect(identities.take(prefix(4)) == nil)
        #expect(identities.take(prefix(3)) == LedgerID(3))
    }

    @Test("offers none of several, and none that is not simply known", arguments: [true, false])
    func several(isFree: Bool) {
        var identities = KnownIdentities(count: 2)
        let isAdded = identities.add(prefix(5), LedgerID(1), isFree: isFree)
        #expect(isAdded)
        if isFree { _ = identities.add(prefix(5), LedgerID(2), isFree: true) }
        #expect(identities.take(prefix(5)) == nil)
    }

    @Test("finds every message again however full it is")
    func full() {
        var generator = SystemRandomNumberGenerator()
        let keys = Set((0..<10_000).map { _ in UInt64.random(in: 0 ... .max, using: &generator) }).sorted()
        var identities = KnownIdentities(count: keys.count)
        for (index, key) in keys.enumerated() {
            _ = identities.add(prefix(key), LedgerID(Int64(index) + 1), isFree: true)
        }
        let found = keys.enumerated().filter { identities.take(prefix($1)) == LedgerID(Int64($0) + 1) }.count
        // Two whose tags are equal and whose slots are near may stand for each other: then the ledger is asked.
        #expect(found > keys.count - 5)
        let more = identities.add(prefix(1), LedgerID(1), isFree: true)
        #expect(!more, "one more than it was made for")
    }

    @Test("takes rows of any number, near each other")
    func numbers() {
        var identities = KnownIdentities(count: 3)
        let first = identities.add(prefix(1 << 60 | 1), LedgerID(1 << 50), isFree: true)
        let lower = identities.add(prefix(2 << 60 | 2), LedgerID((1 << 50) - 1000), isFree: true)
        let far = identities.add(prefix(3 << 60 | 3), LedgerID(1), isFree: true)
        #expect(first && lower && !far)
        #expect(identities.take(prefix(2 << 60 | 2)) == LedgerID((1 << 50) - 1000))
        #expect(identities.take(prefix(1 << 60 | 1)) == LedgerID(1 << 50))
    }
}
