/// A set of UIDs, held as ascending ranges: a folder of 500,000 messages without gaps is one range.
public struct UIDSet: Hashable, Sendable {
    /// Ascending, not overlapping, not adjacent.
    public private(set) var ranges: [ClosedRange<UInt32>] = []

    public init() {}
    public init(_ uids: some Sequence<UID>) { for uid in uids { insert(uid) } }
    public init(_ range: ClosedRange<UID>) { ranges = [range.lowerBound.rawValue...range.upperBound.rawValue] }

    /// Ranges in any order, overlapping or not: sorted once, so that no order is slow. 0 is left out.
    public init(ranges unordered: some Sequence<ClosedRange<UInt32>>) {
        for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound != 0 {
                insert(range)
            } else if range.upperBound != 0 {
                insert(1...range.upperBound)
            }
        }
    }

    public var isEmpty: Bool { ranges.isEmpty }
    public var count: Int { ranges.reduce(0) { $0 + $1.count } }
    public var first: UID? { ranges.first.flatMap { UID($0.lowerBound) } }
    public var last: UID? { ranges.last.flatMap { UID($0.upperBound) } }

    public func contains(_ uid: UID) -> Bool {
        let index = indexOfFirstRange(endingAtOrAfter: uid.rawValue)
        return index < ranges.count && ranges[index].contains(uid.rawValue)
    }

    public mutating func insert(_ uid: UID) { insert(uid.rawValue...uid.rawValue) }

    public mutating func insert(_ range: ClosedRange<UInt32>) {
        guard range.lowerBound != 0 else { return }
        // The usual case, ascending arrival, touches only the last range.
        if let last = ranges.last, last.upperBound < range.lowerBound {
            if last.upperBound + 1 == range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound...range.upperBound
            } else {
                ranges.append(range)
            }
            return
        }
        var merged = range
        var index = indexOfFirstRange(endingAtOrAfter: range.lowerBound == 1 ? 1 : range.lowerBound - 1)
        let start = index
        while index < ranges.count, range.upperBound == .max || ranges[index].lowerBound <= range.upperBound + 1 {
            merged =
                Swift.min(
                    merged.lowerBound, ranges[index].lowerBound)...Swift.max(
                    merged.upperBound, ranges[index].upperBound)
            index += 1
        }
        ranges.replaceSubrange(start..<index, with: [merged])
    }

    public func subtracting(_ other: UIDSet) -> UIDSet {
        var result = UIDSet()
        var next = 0
        for range in ranges {
            var lower = UInt64(range.lowerBound)
            let upper = UInt64(range.upperBound)
            while next < other.ranges.count, other.ranges[next].upperBound < range.lowerBound { next += 1 }
            var cut = next
            while cut < other.ranges.count, UInt64(other.ranges[cut].lowerBound) <= upper, lower <= upper {
                let hole = other.ranges[cut]
                if lower < UInt64(hole.lowerBound) {
                    result.ranges.append(UInt32(lower)...(hole.lowerBound - 1))
                }
                lower = Swift.max(lower, UInt64(hole.upperBound) + 1)
                cut += 1
            }
            if lower <= upper { result.ranges.append(UInt32(lower)...UInt32(upper)) }
        }
        return result
    }

    public func union(_ other: UIDSet) -> UIDSet {
        // One by one, each range may move all that stand behind it.
        guard other.ranges.count < 8 else { return UIDSet(ranges: ranges + other.ranges) }
        var result = self
        for range in other.ranges { result.insert(range) }
        return result
    }

    public func intersection(_ other: UIDSet) -> UIDSet { subtracting(subtracting(other)) }

    /// The UIDs from `lower` to `upper`, both included.
    public func clamped(to limits: ClosedRange<UID>) -> UIDSet { intersection(UIDSet(limits)) }

    /// The highest UIDs, at most `maxCount` of them.
    public func suffix(_ maxCount: Int) -> UIDSet {
        var result: [ClosedRange<UInt32>] = []
        var room = maxCount
        for range in ranges.reversed() where room > 0 {
            let taken = Swift.min(room, range.count)
            result.append(range.upperBound - UInt32(taken - 1)...range.upperBound)
            room -= taken
        }
        var set = UIDSet()
        set.ranges = result.reversed()
        return set
    }

    /// The whole set in pieces of at most `size` UIDs, ascending.
    public func chunks(of size: Int) -> [UIDSet] {
        var result: [UIDSet] = []
        var current = UIDSet()
        var room = size
        for range in ranges {
            var lower = UInt64(range.lowerBound)
            while lower <= UInt64(range.upperBound) {
                let upper = Swift.min(UInt64(range.upperBound), lower + UInt64(room) - 1)
                current.ranges.append(UInt32(lower)...UInt32(upper))
                room -= Int(upper - lower + 1)
                lower = upper + 1
                guard room == 0 else { continue }
                result.append(current)
                current = UIDSet()
                room = size
            }
        }
        return current.isEmpty ? result : result + [current]
    }

    private func indexOfFirstRange(endingAtOrAfter value: UInt32) -> Int {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension UIDSet: Sequence {
    public func makeIterator() -> AnyIterator<UID> {
        var iterator = ranges.lazy.flatMap { $0 }.makeIterator()
        return AnyIterator { iterator.next().flatMap { UID($0) } }
    }
}

extension UIDSet: CustomStringConvertible {
    /// As IMAP writes it (`sequence-set`, RFC 3501 §9): `1:4,7,9:12`.
    public var description: String {
        ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" }.joined(separator: ",")
    }
}
