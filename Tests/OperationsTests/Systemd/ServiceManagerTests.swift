import Glibc
import TestSupport
import Testing

@testable import Operations

@Suite("The service manager is told")
struct ServiceManagerTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory(prefix: "pb") }

    @Test("over a path and over a name in the abstract namespace", arguments: [true, false])
    func sockets(isAbstract: Bool) {
        let path = isAbstract ? "@postbote-test-\(getpid())-\(UInt64.random(in: 0 ... .max))" : directory("notify")
        let socket = DatagramSocket(path: path)
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": path])
        manager.ready(status: "3 accounts")
        #expect(socket.text == "READY=1\nSTATUS=3 accounts")
        manager.stopping(status: "bye")
        #expect(socket.text == "STOPPING=1\nSTATUS=bye")
    }

    @Test("of a reload with the time it began, and of its end")
    func reload() throws {
        let socket = DatagramSocket(path: directory("notify"))
        let manager = ServiceManager(socket: directory("notify"))
        var before = timespec()
        clock_gettime(CLOCK_MONOTONIC, &before)
        manager.reloading()
        manager.ready(status: "ok")
        let lines = socket.text.split(separator: "\n")
        #expect(lines.first == "RELOADING=1")
        let prefix = "MONOTONIC_USEC="
        let time = try #require(lines.first { $0.hasPrefix(prefix) }.flatMap { Int64($0.dropFirst(prefix.count)) })
        #expect(time >= Int64(before.tv_sec) * 1_000_000)
        #expect(socket.text.hasPrefix("READY=1"))
    }

    @Test("a status on one line and within its limit")
    func status() {
        let socket = DatagramSocket(path: directory("notify"))
        let manager = ServiceManager(socket: directory("notify"))
        manager.status("a\nREADY=1\r\n" + String(repeating: "ü", count: 1000))
        let text = socket.text
        #expect(!text.contains("\n"))
        #expect(text.hasPrefix("STATUS=a READY=1 ü"))
        #expect(text.utf8.count <= 512 + "STATUS=".utf8.count)
    }

    @Test("nothing where there is none", arguments: [nil, "", String(repeating: "x", count: 200), "/nowhere/notify"])
    func absent(path: String?) {
        let manager = ServiceManager(environment: path.map { ["NOTIFY_SOCKET": $0] } ?? [:])
        manager.ready(status: "ok")
        manager.flush()
    }
}

@Suite("The watchdog")
struct WatchdogTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory(prefix: "pb") }

    @Test(
        "is on when the manager asks this process for signs of life",
        arguments: [
            (["WATCHDOG_USEC": "30000000"], true), (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"], true),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"], false), (["WATCHDOG_USEC": "0"], false),
            (["WATCHDOG_USEC": "soon"], false), ([:], false),
        ])
    func enabled(environment: [String: String], isOn: Bool) {
        let manager = ServiceManager(socket: directory("notify"))
        let watchdog = Watchdog(environment: environment, manager: manager, process: 42)
        #expect((watchdog != nil) == isOn)
        if isOn { #expect(watchdog?.patience == .seconds(30)) }
    }

    @Test("is fed while the parts answer, three times as often as needed, and not when one does not")
    func feeding() async throws {
        let socket = DatagramSocket(path: directory("notify"))
        let manager = ServiceManager(socket: directory("notify"))
        let watchdog = try #require(
            Watchdog(environment: ["WATCHDOG_USEC": "30000000"], manager: manager, process: 42))
        let answers = Answers([true, false, true])
        await watchdog.feed(
            sleep: { wait in
                #expect(wait == .seconds(10))
                if await answers.isEmpty { throw CancellationError() }
            },
            while: { await answers.next() })
        manager.ready(status: "end")
        #expect(socket.text == "WATCHDOG=1")
        #expect(socket.text == "WATCHDOG=1")
        #expect(socket.text.hasPrefix("READY=1"))
    }

    private actor Answers {
        private var rest: [Bool]
        init(_ answers: [Bool]) { rest = answers }
        var isEmpty: Bool { rest.isEmpty }
        func next() -> Bool { rest.removeFirst() }
    }
}
