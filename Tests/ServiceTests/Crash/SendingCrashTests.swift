import Glibc
import TestSupport
import Testing

/// Promises 1 and 4 for sent mail: what was accepted is sent once, or shown as in doubt where nobody can know.
@Suite("Crash at every step while sending") struct SendingCrashTests {
    @Test("Each message is accepted once for each recipient, or it is in doubt and no reply was recorded")
    func sending() async throws {
        let life = try await SendingLife.start(messages: 3)
        try await CrashLoop([.dot: 3, .sync: 8, .commit: 6], stride: 2).run { try await life.run($0) }
        await life.stop()
    }

    @Test(
        "What was said to be accepted is in the queue, once and whole; what was not is sent at most once",
        arguments: [["send"], ["sendmail", "-t", "-i"]])
    func intake(command: [String]) async throws {
        let life = try await SendingLife.start(messages: 0)
        try await CrashLoop([.sync: 3, .commit: 2], stride: 1).run { try await life.runIntake($0, with: command) }
        await life.stop()
    }
}

extension SendingLife {
    /// Hands in a message whose content is a row and one whose content is a file, to a service that crashes meanwhile.
    fileprivate func runIntake(_ point: CrashPoint, with command: [String]) async throws -> Bool {
        let server = try await server()
        let service = try await service(to: server)
        let nobody = try ListeningSocket()
        try nobody.refuse()
        try service.configure(
            receive: "enabled: false", places: .init(smtp: ServiceUnderTest.Places.plain(nobody.port)))
        let signal = service.directory("signal")
        let printed = Watched<[String]>([])
        let (mayBegin, hasEnded) = (Gate(), Gate())
        // They wait for a daemon that is being restarted.
        let clients = Task {
            defer { hasEnded.open() }
            try await mayBegin.passed()
            for (number, size) in [100, 100_000].enumerated() {
                let subject = "handed in \(number)"
                let sent = try await service.run(
                    command, input: Self.content(subject, ["x\(number)@example.org"], size: size))
                #expect(sent.status == .exited(0), "\(point): \(sent.errors)")
                printed.update { $0 += sent.text.split(separator: "\n").map(String.init) }
            }
        }
        let isReached = try await service.crash(at: point, from: signal) { daemon in
            try await daemon.errors.line(containing: "EVENT=ready")
            try service.directory.file("signal", "")
            mayBegin.open()
            try await waitsForEither(hasEnded, daemon)
        }
        let daemon = try await service.serve()
        try await clients.value
        let queued = Set(try await service.queue("sent").keys)
        #expect(queued.count == 2, "\(point)")
        // sendmail says nothing.
        #expect(Set(printed.value) == (command == ["send"] ? queued : []), "\(point)")
        let spooled = Directory.names(in: service.state + "/spool/out")
        #expect(spooled.count == 1 && queued.isSuperset(of: spooled), "\(point)")
        // Now they may leave, and are whole.
        try service.configure(receive: "enabled: false")
        #expect(try await service.run("reload").status == .exited(0))
        try await server.transactions(atLeast: 2)
        #expect(await daemon.stop() == .exited(0), "\(point)")
        #expect(server.transactions.count == 2, "\(point)")
        for transaction in server.transactions {
            let size = transaction.header("Subject") == "handed in 0" ? 100 : 100_000
            let lines = String(decoding: transaction.bytes, as: UTF8.self).split(separator: "\r\n")
            #expect(lines.count { $0 == ".dots and words" } == size / 16, "\(point)")
        }
        await server.stop()
        return isReached
    }

    /// Returns once the clients are done; throws once the daemon has ended.
    private func waitsForEither(_ gate: Gate, _ daemon: ChildProcess) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gate.passed() }
            group.addTask { try await daemon.errors.line(containing: "EVENT=stopped") }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
