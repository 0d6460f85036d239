import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Transport

@Suite struct EventLoopTests {
    @Test("what runs on a loop runs in its order, and an answer to a ping comes after it")
    func order() async {
        let loop = EventLoop()
        let ran = Watched<[Int]>([])
        for number in 0..<1000 { loop.queue.async { ran.update { $0.append(number) } } }
        await loop.ping()
        #expect(ran.value == Array(0..<1000))
    }

    @Test("actors on one loop are never inside at the same time, and call each other without leaving it")
    func actors() async {
        let loop = EventLoop()
        let counter = Counter(loop)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                let caller = Caller(loop, counter)
                group.addTask { for _ in 0..<200 { await caller.call() } }
            }
        }
        #expect(await counter.count == 4000)
    }

    @Test("whoever claims to be on a loop and is not ends the program")
    func isolation() async {
        await #expect(processExitsWith: .failure) { EventLoop().checkIsolated() }
    }

    @Test("what a loop owns ends on the loop, whoever lets it go, and behind what still runs there")
    func ends() async throws {
        let ended = Watched<Bool?>(nil)
        var loop: EventLoop? = EventLoop()
        let key = DispatchSpecificKey<Bool>()
        loop?.queue.setSpecific(key: key, value: true)
        await loop?.own(Probe { ended.update { $0 = DispatchQueue.getSpecific(key: key) ?? false } })
        await loop?.ping()
        loop = nil
        #expect(try await ended.wait(for: "the end of the loop") { $0 })
    }

    @Test("loops that come and go leave no descriptor behind")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            alarm(60)
            await EventLoop().ping()
            let before = Self.pollers
            for _ in 0..<50 {
                let loop = EventLoop()
                await loop.ping()
            }
            // The loops' queues may still be at it.
            while Self.pollers > before { await Task.yield() }
        }
    }

    @Test("a write to a connection whose other side is gone does not end the process")
    func brokenPipe() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            await EventLoop().ping()
            raise(SIGPIPE)
        }
    }

    @Test("loops are given out in turn, at least one")
    func turns() async {
        let loops = EventLoops(count: 3)
        let given = (0..<6).map { _ in ObjectIdentifier(loops.next()) }
        #expect(given == (loops.all + loops.all).map { ObjectIdentifier($0) })
        #expect(EventLoops(count: 0).all.count == 1)
        #expect(EventLoops().all.count == sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        await loops.ping()
    }

    /// The epoll instances of this process.
    private static var pollers: Int {
        Directory.names(in: "/proc/self/fd").count { name in
            var target = [UInt8](repeating: 0, count: 64)
            let length = target.withUnsafeMutableBytes {
                readlink("/proc/self/fd/\(name)", $0.bindMemory(to: CChar.self).baseAddress!, $0.count)
            }
            return length > 0 && String(decoding: target[..<length], as: UTF8.self) == "anon_inode:[eventpoll]"
        }
    }
}

@Suite struct AlarmsTests {
    @Test("alarms ring on the loop, in the order of their times")
    func order() async throws {
        let loop = EventLoop()
        let rung = Watched<[ClosedRange<UInt64>]>([])
        loop.setAlarms([30, -5, 10, 20, 0]) { deadline in
            loop.checkIsolated()
            rung.update { $0.append(deadline) }
        }
        let order = try await rung.wait(for: "all alarms") { $0.count == 5 ? $0 : nil }
        for (first, second) in zip(order, order.dropFirst()) { #expect(first.lowerBound <= second.upperBound) }
    }

    @Test("an alarm that was cleared or removed does not ring, and one set for ever does not either")
    func silent() async throws {
        let loop = EventLoop()
        let rung = Watched<[String]>([])
        loop.queue.async {
            let alarms = loop.confined.alarms
            let cleared = alarms.add { rung.update { $0.append("cleared") } }
            let removed = alarms.add { rung.update { $0.append("removed") } }
            let endless = alarms.add { rung.update { $0.append("endless") } }
            let last = alarms.add { rung.update { $0.append("last") } }
            alarms.set(cleared, after: .milliseconds(1))
            alarms.set(removed, after: .milliseconds(1))
            alarms.set(endless, after: .seconds(Int64.max))
            alarms.set(last, after: .milliseconds(10))
            alarms.clear(cleared)
            alarms.remove(removed)
        }
        try await rung.wait(for: "the last alarm") { $0.contains("last") }
        #expect(rung.value == ["last"])
    }

    @Test("an alarm may set itself again while it rings")
    func again() async throws {
        let loop = EventLoop()
        let rung = Watched(0)
        loop.ring(rung, times: 20)
        try await rung.wait(for: "the twentieth time") { $0 == 20 }
    }

    @Test(
        "waits are whole nanoseconds, none and for ever included",
        arguments: [
            (Duration.zero, 0), (.seconds(-1), 0), (.nanoseconds(7), 7), (.milliseconds(1500), 1_500_000_000),
            (.seconds(Int64.max), UInt64(Int64.max)),
        ] as [(Duration, UInt64)])
    func nanoseconds(duration: Duration, expected: UInt64) { #expect(duration.inNanoseconds == expected) }
}

extension EventLoop {
    /// Keeps `probe` as long as the loop lives.
    fileprivate func own(_ probe: Probe) async {
        await withCheckedContinuation { continuation in
            queue.async {
                _ = self.confined.alarms.add { withExtendedLifetime(probe) {} }
                continuation.resume()
            }
        }
    }

    /// One alarm for each of `waits`, in milliseconds.
    /// Tells `ring` between which nanoseconds the deadline must lie: this thread may be held up between two of them.
    fileprivate func setAlarms(_ waits: [Int], _ ring: @escaping @Sendable (ClosedRange<UInt64>) -> Void) {
        queue.async {
            let alarms = self.confined.alarms
            let deadlines = Watched<[Int: ClosedRange<UInt64>]>([:])
            for wait in waits {
                let length = UInt64(max(0, wait)) * 1_000_000
                let earliest = Alarms.now + length
                alarms.set(alarms.add { ring(deadlines.value[wait]!) }, after: .milliseconds(wait))
                deadlines.update { $0[wait] = earliest...(Alarms.now + length) }
            }
        }
    }

    fileprivate func ring(_ rung: Watched<Int>, times: Int) {
        queue.async {
            let alarms = self.confined.alarms
            alarms.set(alarms.add { [weak self] in self?.rang(rung, times: times) }, after: .zero)
        }
    }

    private func rang(_ rung: Watched<Int>, times: Int) {
        if rung.update({
            $0 += 1
            return $0
        }) < times {
            ring(rung, times: times)
        }
    }
}

private final class Probe: Sendable {
    private let whenEnded: @Sendable () -> Void
    init(whenEnded: @escaping @Sendable () -> Void) { self.whenEnded = whenEnded }
    deinit { whenEnded() }
}

private actor Counter {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var count = 0

    init(_ loop: EventLoop) { self.loop = loop }
    func add() { count += 1 }
}

private actor Caller {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private let counter: Counter

    init(_ loop: EventLoop, _ counter: Counter) {
        self.loop = loop
        self.counter = counter
    }

    /// Already on the loop of the other: no `await` is needed to be inside.
    func call() { counter.assumeIsolated { $0.add() } }
}
