import TestSupport
import Testing

@Suite("Crash at every step while delivering again") struct RedeliveryCrashTests {
    @Test("A message that was ordered comes once more under its key, whatever crashes")
    func redelivery() async throws {
        let fetched = try await ServiceUnderTest.start()
        let messages = Array(MessageCorpus().small(3, size: 1024))
        try fetched.dovecot.deliver(messages, to: ServiceUnderTest.user)
        try fetched.configure(send: "enabled: false")
        let daemon = try await fetched.serve()
        try await fetched.consent()
        #expect(try await fetched.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        let name = try #require(Directory.names(in: fetched.new).first)
        let key = String(name.split(separator: ".")[1].dropFirst())
        try await CrashLoop([.rename: 2, .sync: 3, .commit: 4], stride: 3).run { point in
            try await crash(at: point, fetched, key)
        }
        await fetched.stop()
    }

    /// Crashes a service of its own, which is given the order, starts it again, and looks at what came of it.
    private func crash(at point: CrashPoint, _ fetched: ServiceUnderTest, _ key: String) async throws -> Bool {
        let service = try ServiceUnderTest(dovecot: fetched.dovecot, authorization: fetched.authorization)
        try await service.takeState(of: fetched)
        try service.configure(send: "enabled: false", extra: "log_level: debug")
        let signal = service.directory("signal")
        var isTaken = false
        let isReached = try await service.crash(at: point, from: signal) { daemon in
            try await daemon.errors.line(containing: "EVENT=ready")
            try Directory.write("", to: signal)
            isTaken = try await service.run("mail", "redeliver", key).status == .exited(0)
            try await daemon.errors.line("the redelivery") { line in
                line.contains("EVENT=message_delivered") && line.contains(key)
            }
        }
        let daemon = try await service.serve()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0), "\(point)")
        #expect(await daemon.stop() == .exited(0), "\(point)")
        let names = Directory.names(in: service.new)
        let copies = names.filter { $0.contains("K\(key).") }
        // An order whose answer was lost may have been taken or not.
        #expect(isTaken ? copies.count == 2 : copies.count == 1 || copies.count == 2, "\(point): \(copies)")
        #expect(names.count == 2 + copies.count, "\(point)")
        let contents = Set(try copies.map { try Directory.bytes(of: "\(service.new)/\($0)") })
        #expect(contents.count == 1, "\(point)")
        let staged = Directory.names(in: service.directory("state/mail/anna/postbote-staging"))
        #expect(staged.isEmpty, "\(point): \(staged)")
        return isReached
    }
}
