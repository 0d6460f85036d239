import Testing

@testable import Transport

@Suite struct AlarmQueueTests {
    @Test("alarms ring in the order of their deadlines")
    func order() {
        var queue = AlarmQueue()
        let deadlines: [UInt64] = [50, 10, 40, 30, 20, 60, 15]
        let ids = deadlines.map { deadline in
            let id = queue.add()
            queue.set(id, at: deadline)
            return id
        }
        var rung: [UInt64] = []
        for now in stride(from: UInt64(0), through: 60, by: 5) {
            while let id = queue.popDue(at: now) { rung.append(deadlines[ids.firstIndex(of: id)!]) }
        }
        #expect(rung == deadlines.sorted())
        #expect(queue.next == nil)
    }

    @Test("an alarm that was set later rings at its later time only")
    func later() {
        var queue = AlarmQueue()
        let id = queue.add()
        queue.set(id, at: 10)
        queue.set(id, at: 30)
        queue.expect(nil, at: 29)
        #expect(queue.next == 30)
        queue.expect(id, at: 30)
        queue.expect(nil, at: 1000)
    }

    @Test("an alarm that was set earlier rings at its earlier time")
    func earlier() {
        var queue = AlarmQueue()
        let (long, short) = (queue.add(), queue.add())
        queue.set(long, at: 100)
        queue.set(short, at: 50)
        queue.set(long, at: 10)
        #expect(queue.next == 10)
        queue.expect(long, at: 10)
        queue.expect(nil, at: 49)
        queue.expect(short, at: 50)
    }

    @Test("a cleared alarm does not ring, and can be set again")
    func cleared() {
        var queue = AlarmQueue()
        let id = queue.add()
        queue.set(id, at: 10)
        queue.clear(id)
        queue.expect(nil, at: 20)
        queue.set(id, at: 30)
        queue.expect(id, at: 30)
    }

    @Test("a removed alarm's place is given to another")
    func removed() {
        var queue = AlarmQueue()
        let (first, second) = (queue.add(), queue.add())
        queue.set(first, at: 10)
        queue.set(second, at: 20)
        queue.remove(first)
        #expect(queue.next == 20)
        let third = queue.add()
        queue.set(third, at: 15)
        queue.expect(third, at: 30)
        queue.expect(second, at: 30)
    }

    @Test("whatever is set, cleared and removed, exactly what is due rings", arguments: 0..<20)
    func random(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = AlarmQueue()
        var deadlines: [AlarmQueue.ID: UInt64?] = [:]
        var now: UInt64 = 0
        for _ in 0..<2000 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0: deadlines[queue.add()] = .some(nil)
            case 1:
                guard let id = deadlines.keys.randomElement(using: &generator) else { continue }
                queue.remove(id)
                deadlines[id] = nil
            case 2:
                guard let id = deadlines.keys.randomElement(using: &generator) else { continue }
                queue.clear(id)
                deadlines[id] = .some(nil)
            case 3:
                now += UInt64.random(in: 0..<50, using: &generator)
                var rung: Set<AlarmQueue.ID> = []
                while let id = queue.popDue(at: now) { rung.insert(id) }
                let due = Set(deadlines.filter { ($0.value ?? .max) <= now }.keys)
                #expect(rung == due)
                for id in due { deadlines[id] = .some(nil) }
            default:
                guard let id = deadlines.keys.randomElement(using: &generator) else { continue }
                let deadline = now + UInt64.random(in: 0..<200, using: &generator)
                queue.set(id, at: deadline)
                deadlines[id] = .some(deadline)
            }
        }
    }
}

extension AlarmQueue {
    fileprivate mutating func expect(_ id: ID?, at now: UInt64) {
        let rung = popDue(at: now)
        #expect(rung == id)
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
