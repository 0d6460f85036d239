import Diagnostics
import TestSupport
import Testing

@Suite("Waiting without polling")
struct WaitingTests {
    @Test("ends when the value becomes what was waited for")
    func watched() async throws {
        let watched = Watched(0)
        async let seven = watched.wait(for: "seven") { $0 >= 7 ? $0 : nil }
        for _ in 0..<10 { watched.update { $0 += 1 } }
        #expect(try await seven >= 7)
    }

    @Test("misses its deadline, or is cancelled")
    func ends() async throws {
        let watched = Watched(0)
        await #expect(throws: DeadlineMissed.self) {
            try await watched.wait(for: "one", within: .milliseconds(5)) { $0 == 1 }
        }
        let task = Task { try await watched.wait(for: "one") { $0 == 1 } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        await #expect(throws: DeadlineMissed.self) {
            try await within(.milliseconds(5), "a closed gate") { try await Gate().passed() }
        }
    }

    @Test("wakes sleepers at the test clock when it gets there, and no other")
    func clock() async throws {
        let clock = TestClock(now: Timestamp(seconds: 100))
        let woken = Watched<[Int]>([])
        for seconds in [10, 5, 20] {
            Task {
                try await clock.sleep(for: .seconds(seconds))
                woken.update { $0.append(seconds) }
            }
        }
        try await clock.sleepers(atLeast: 3)
        #expect(try await clock.advanceToNextDeadline() == Timestamp(seconds: 105))
        try await woken.wait(for: "the first") { $0 == [5] }
        clock.advance(by: .seconds(10))
        try await woken.wait(for: "the second") { $0 == [5, 10] }
        #expect(clock.deadlines == [Timestamp(seconds: 120)])
        #expect(clock.now == Timestamp(seconds: 115))
        clock.set(to: Timestamp(seconds: 200))
        try await woken.wait(for: "the third") { $0.count == 3 }
    }

    @Test("sees files appear")
    func files() async throws {
        let directory = try TemporaryDirectory()
        try directory.file("first", "x")
        try await FileWatch.exists(directory("first"))
        async let second: Void = FileWatch.exists(directory("second"))
        async let both = FileWatch.names(in: directory.path, atLeast: 2)
        try directory.file("second", "x")
        try await second
        #expect(try await both == ["first", "second"])
    }

    @Test("a small disk fills up", .enabled(if: SmallDisk.isPossible, "needs root"))
    func smallDisk() async throws {
        let disk = try SmallDisk(size: 64 << 10)
        try disk.fill()
        let error = #expect(throws: SystemError.self) { try Directory.write([1], to: disk.path + "/file") }
        #expect(error?.code == 28)
        disk.free()
        try Directory.write([1], to: disk.path + "/file")
    }
}
