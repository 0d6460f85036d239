import MailModel
import Testing

@testable import Fetching
@testable import Store

@Suite("What memory holds of a folder's known messages") struct KnownIdentitiesTests {
    private func prefix(_ value: UInt64) -> IdentityPrefix { IdentityPrefix(rawValue: value) }

    private func taken(_ values: [UInt64], from known: inout KnownIdentities) -> [Int64?] {
        values.map { known.take(prefix($0))?.rawValue }
    }

    private func added(
        _ messages: [(value: UInt64, id: Int64, isFree: Bool)], to known: inout KnownIdentities
    ) -> [Bool] {
        messages.map { known.add(prefix($0.value), LedgerID($0.id), isFree: $0.isFree) }
    }

    @Test("offers each message once, and nothing that was not added")
    func offers() {
        var known = KnownIdentities(count: 10_000)
        // Spread over all slots, and close to each other.
        let values = (0..<10_000).map { UInt64($0) &* ($0 % 2 == 0 ? 0x9e37_79b9_7f4a_7c15 : 1) }
        let messages = values.enumerated().map { (value: $1, id: Int64($0) + 7, isFree: true) }
        let isAdded = added(messages, to: &known)
        #expect(!isAdded.contains(false))
        let first = taken(values, from: &known)
        #expect(first == messages.map(\.id))
        let second = taken(values + [10_001], from: &known)
        #expect(second.allSatisfy { $0 == nil })
    }

    @Test("offers nothing of which there are several, or which is not simply known")
    func ambiguous() {
        var known = KnownIdentities(count: 4)
        _ = added([(1, 1, true), (1, 2, true), (2, 3, false), (3 << 32, 4, true)], to: &known)
        let found = taken([1, 2, (3 << 32) + 1, 3 << 32], from: &known)
        #expect(found == [nil, nil, nil, 4])
    }

    @Test("says when it is full, and when a row's number is too far from the first")
    func full() {
        var known = KnownIdentities(count: 2)
        let isAdded = added(
            [(1, 5_000_000_000, true), (2, 1, true), (2, 4_000_000_000, true), (3, 4_000_000_001, true)], to: &known)
        #expect(isAdded == [true, false, true, false])
        let found = taken([2, 1, 3], from: &known)
        #expect(found == [4_000_000_000, 5_000_000_000, nil])
    }

    @Test("all recoveries together hold no more than the process allows, and give back what they held")
    func allowance() {
        let allowance = IdentityAllowance(10)
        var first: KnownIdentities? = KnownIdentities(count: 7, share: allowance.share(of: 7))
        let (tooMuch, rest) = (allowance.share(of: 4), allowance.share(of: 3))
        #expect(tooMuch == nil && rest != nil)
        let isAdded = first?.add(prefix(1), LedgerID(1), isFree: true)
        #expect(isAdded == true)
        first = nil
        let second = allowance.share(of: 7)
        #expect(second != nil)
    }
}
