import MailModel
import Testing

@Suite struct UIDSetTests {
    private func set(_ ranges: ClosedRange<UInt32>...) -> UIDSet {
        var set = UIDSet()
        for range in ranges { set.insert(range) }
        return set
    }

    @Test("Ranges that touch or overlap become one")
    func merging() {
        #expect(set(1...3, 4...5).description == "1:5")
        #expect(set(5...9, 1...2, 3...4).description == "1:9")
        #expect(set(5...9, 1...20).description == "1:20")
        #expect(set(1...2, 8...9, 4...6, 2...8).description == "1:9")
        #expect(set(7...7, 1...1).description == "1,7")
        #expect(set(.max ... .max, (.max - 1)...(.max - 1)).description == "4294967294:4294967295")
        #expect(set(1...UInt32.max, 5...6).description == "1:4294967295")
    }

    @Test("Nothing at 0 is inserted")
    func zero() { #expect(set(0...0).isEmpty) }

    @Test("Sets behave as sets of numbers", arguments: 0..<50)
    func model(seed: Int) {
        var generator = SplitMix(state: UInt64(seed))
        var sets = [UIDSet(), UIDSet()]
        var models: [Set<UInt32>] = [[], []]
        for _ in 0..<30 {
            let which = Int.random(in: 0...1, using: &generator)
            let lower = UInt32.random(in: 1...60, using: &generator)
            let upper = lower + UInt32.random(in: 0...8, using: &generator)
            sets[which].insert(lower...upper)
            models[which].formUnion(lower...upper)
        }
        let numbers = { (set: UIDSet) in set.map(\.rawValue) }
        #expect(numbers(sets[0]) == models[0].sorted())
        #expect(numbers(sets[0].union(sets[1])) == models[0].union(models[1]).sorted())
        #expect(numbers(sets[0].subtracting(sets[1])) == models[0].subtracting(models[1]).sorted())
        #expect(numbers(sets[0].intersection(sets[1])) == models[0].intersection(models[1]).sorted())
        #expect(sets[0].count == models[0].count)
        #expect(sets[0].first?.rawValue == models[0].min() && sets[0].last?.rawValue == models[0].max())
        for value in 1...70 as ClosedRange<UInt32> {
            #expect(sets[0].contains(UID(value)!) == models[0].contains(value))
        }
        #expect(UIDSet(sets[0].shuffled(using: &generator)) == sets[0])
        #expect(zip(sets[0].ranges, sets[0].ranges.dropFirst()).allSatisfy { $0.upperBound + 1 < $1.lowerBound })
    }

    @Test("Pieces have the size asked for, and make up the whole", arguments: [1, 2, 3, 5, 100])
    func chunks(size: Int) {
        let whole = set(1...4, 6...6, 8...13)
        let pieces = whole.chunks(of: size)
        #expect(pieces.dropLast().allSatisfy { $0.count == size })
        #expect(pieces.allSatisfy { !$0.isEmpty && $0.count <= size })
        #expect(pieces.reduce(UIDSet()) { $0.union($1) } == whole)
        #expect(UIDSet().chunks(of: size).isEmpty)
    }

    @Test("A set is cut to limits")
    func clamped() {
        #expect(set(1...5, 9...20).clamped(to: UID(4)!...UID(10)!).description == "4:5,9:10")
        #expect(UIDSet(UID.min...UID.max).clamped(to: UID.max...UID.max).description == "4294967295")
    }

    @Test("The whole range of UIDs costs one range")
    func everything() {
        let all = UIDSet(UID.min...UID.max)
        #expect(all.count == 4_294_967_295)
        #expect(all.subtracting(set(2...4_294_967_294)).description == "1,4294967295")
    }
}

/// Reproducible randomness (SplitMix64, Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
