import MailModel
import Store

/// Where in the ledger a folder's messages are, by their identities: eight octets a message, so that a recovery need not
/// look for each of them.
///
/// It offers a message only where it is the one of its identity, and only once. What it offers is a guess all the same,
/// because it holds a part of each identity, as of some time ago: whoever takes it compares with the row.
struct KnownIdentities: Sendable {
    /// `message` is a row's number above `base`, or one of the marks.
    private struct Slot {
        var tag: UInt32 = 0
        var message = KnownIdentities.nothing
    }

    private static let nothing: UInt32 = 0
    /// There are several, or one that is not simply known: the ledger is to be asked.
    private static let several: UInt32 = .max

    private var slots: [Slot]
    private var room: Int
    /// Below all rows' numbers; unknown before the first.
    private var base: Int64?
    private let share: IdentityAllowance.Share?

    /// - Parameters:
    ///   - count: messages it is made for.
    ///   - share: of the memory for so many.
    init(count: Int, share: IdentityAllowance.Share? = nil) {
        self.share = share
        room = count
        // A quarter stays empty, so that a search ends soon.
        slots = Array(repeating: Slot(), count: count + count / 3 + 1)
    }

    /// Adds a message.
    ///
    /// - Parameter isFree: nobody took it, and its headers tell which it is.
    /// - Returns: whether there was room. Without this one the others must not be believed to be the only ones.
    mutating func add(_ identity: IdentityPrefix, _ id: LedgerID, isFree: Bool) -> Bool {
        guard room > 0, let number = number(of: id) else { return false }
        room -= 1
        let index = slot(of: identity)
        let isOnly = slots[index].message == Self.nothing
        slots[index] = Slot(tag: tag(of: identity), message: isOnly && isFree ? number : Self.several)
        return true
    }

    /// The free message that alone has this identity. From now on it is not offered any more.
    mutating func take(_ identity: IdentityPrefix) -> LedgerID? {
        let index = slot(of: identity)
        let message = slots[index].message
        guard message != Self.nothing, message != Self.several, let base else { return nil }
        slots[index].message = Self.several
        return LedgerID(base + Int64(message))
    }

    /// The slot that holds the identity, or the empty one where it belongs.
    private func slot(of identity: IdentityPrefix) -> Int {
        let tag = tag(of: identity)
        // The upper half as a fraction of all slots; the lower half is the tag.
        var index = Int(((identity.rawValue >> 32) * UInt64(slots.count)) >> 32)
        while slots[index].message != Self.nothing, slots[index].tag != tag {
            index = index + 1 == slots.count ? 0 : index + 1
        }
        return index
    }

    private func tag(of identity: IdentityPrefix) -> UInt32 { UInt32(truncatingIfNeeded: identity.rawValue) }

    /// `nil`: too far from the others.
    private mutating func number(of id: LedgerID) -> UInt32? {
        // The first read is not always the lowest: half of what there is lies below it.
        let base = self.base ?? id.rawValue - Int64(Self.several / 2)
        self.base = base
        let number = id.rawValue - base
        return number > 0 && number < Int64(Self.several) ? UInt32(number) : nil
    }
}

extension KnownIdentities {
    /// All messages of the folder, and of those that the server has no more.
    ///
    /// - Parameters:
    ///   - expected: how many messages will be looked for.
    ///   - allowance: the memory for it.
    /// - Returns: `nil` where that would be more work than to look for each of them, or take too much memory.
    static func read(
        _ store: Store, _ folder: StoredFolder, former: Set<FolderID>, for expected: Int,
        _ allowance: IdentityAllowance
    ) async throws -> KnownIdentities? {
        let folders = [folder.id] + former
        let count = try await store.read { transaction in
            try folders.reduce(0) { try $0 + transaction.ledger.count($1) }
        }
        guard count / Limits.rowsReadLikeOneLookup <= expected, let share = allowance.share(of: count) else {
            return nil
        }
        var identities = KnownIdentities(count: count, share: share)
        for id in folders {
            var last: KnownIdentity?
            while case let page = try await store.read({ [last] in try $0.ledger.identities(id, after: last) }),
                !page.isEmpty
            {
                for message in page {
                    guard let prefix = message.prefix else { continue }
                    let isFree =
                        id == folder.id && !message.isRemoved && message.epoch >= .imported
                        && message.epoch < folder.epoch
                    guard identities.add(prefix, message.id, isFree: isFree) else { return nil }
                }
                last = page.last
            }
        }
        return identities
    }
}
