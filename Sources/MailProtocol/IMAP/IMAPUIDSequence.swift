import MailModel

/// UIDs in the order the server wrote them, as ranges: unlike a `UIDSet`, positions matter here (RFC 4315 §3).
public struct IMAPUIDSequence: Hashable, Sendable {
    public var ranges: [ClosedRange<UInt32>]

    public init(_ ranges: [ClosedRange<UInt32>] = []) { self.ranges = ranges }

    public var isEmpty: Bool { ranges.isEmpty }
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }
    public var set: UIDSet { UIDSet(ranges: ranges) }

    /// The UID at `position`, counted from 0.
    public func uid(at position: Int) -> UID? {
        var remaining = position
        for range in ranges {
            if remaining < range.count { return UID(range.lowerBound + UInt32(remaining)) }
            remaining -= range.count
        }
        return nil
    }

    /// Where `uid` stands, counted from 0.
    public func position(of uid: UID) -> Int? {
        var passed = 0
        for range in ranges {
            if range.contains(uid.rawValue) { return passed + Int(uid.rawValue - range.lowerBound) }
            passed += range.count
        }
        return nil
    }
}
