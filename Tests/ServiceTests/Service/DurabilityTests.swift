import Glibc
import TestSupport
import Testing

/// Power failures, of which no test can make one: the kernel is asked instead what the daemon had it sync, and when.
@Suite(
    "What the kernel is told to make durable",
    .enabled(if: geteuid() == 0, "a process that hides is traced by root only"))
struct DurabilityTests {
    @Test(
        "of fetched mail: content and name before the row, the row before the mail is visible, that before it is done",
        arguments: [(count: 3, isOfWholeFileSystem: false), (count: 20, isOfWholeFileSystem: true)])
    func fetching(count: Int, isOfWholeFileSystem: Bool) async throws {
        let service = try await ServiceUnderTest.start()
        let messages = Array(MessageCorpus().small(count))
        try service.dovecot.deliver(messages, to: ServiceUnderTest.user)
        let trace = try await traced(service) {
            try await service.consent()
            #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        }
        #expect(sameMessages(try service.delivered(), messages))
        await service.stop()
        let maildir = service.directory("state/mail/anna")
        let staging = maildir + "/postbote-staging"
        let order = DurableOrder(trace: trace, state: service.directory("state"))
        let (delivered, violations) = order.delivered(into: maildir)
        #expect(delivered == count)
        #expect(violations.isEmpty, "\(violations)")
        #expect(trace.calls.contains { $0.name == "syncfs" } == isOfWholeFileSystem)
        let content = { (call: SystemCall) in (call.descriptor() ?? "").hasPrefix(staging + "/") }
        let names = { (call: SystemCall) in call.descriptor() == staging }
        let published = { (call: SystemCall) in call.descriptor() == service.new }
        let syncs: [Syncs] = [
            (content, isOfWholeFileSystem), (names, false), (log(service), false), (published, false),
        ]
        try seesMissing(trace, syncs) {
            DurableOrder(trace: $0, state: service.directory("state")).delivered(into: maildir).violations
        }
    }

    @Test(
        "of a queued message: its content before its row, and that before its id is told", arguments: [100, 200_000])
    func queueing(size: Int) async throws {
        let service = try await ServiceUnderTest.start()
        var id = ""
        let body = String(repeating: String(repeating: "x", count: 70) + "\n", count: size / 70)
        let trace = try await traced(service) {
            let message = "From: \(ServiceUnderTest.user)\nTo: somebody@example.org\n\n\(body)"
            let finished = try await service.run("send", input: message)
            #expect(finished.status == .exited(0), "\(finished.errors)")
            id = String(finished.text.dropLast())
        }
        await service.stop()
        let spool = service.directory("state/spool/out")
        let isFile = trace.calls.contains { $0.isSync && $0.descriptor() == "\(spool)/\(id)" }
        #expect(isFile == (size > 65_536))
        let violations = DurableOrder(trace: trace, state: service.directory("state")).accepted(id)
        #expect(violations.isEmpty, "\(violations)")
        let content = { (call: SystemCall) in call.descriptor() == "\(spool)/\(id)" }
        let name = { (call: SystemCall) in call.descriptor() == spool }
        try seesMissing(trace, [(content, !isFile), (name, !isFile), (log(service), false)]) {
            DurableOrder(trace: $0, state: service.directory("state")).accepted(id)
        }
    }

    // MARK: Parts

    /// Which syncs, and whether this run has none of them to miss.
    private typealias Syncs = (which: (SystemCall) -> Bool, areAbsent: Bool)

    private func log(_ service: ServiceUnderTest) -> (SystemCall) -> Bool {
        { $0.descriptor() == service.directory("state/postbote.db-wal") }
    }

    /// The test of the test: without any of these syncs, or with them too late, the order is a violation.
    private func seesMissing(
        _ trace: SystemCallTrace, _ syncs: [Syncs], violations: (SystemCallTrace) -> [String]
    ) throws {
        let end = (trace.calls.map(\.entered).max() ?? 0) + 1
        for (number, (which, areAbsent)) in syncs.enumerated() {
            let isThat = { (call: SystemCall) in call.isSync && which(call) }
            #expect(trace.calls.contains(where: isThat) != areAbsent, "sync \(number)")
            guard !areAbsent else { continue }
            var without = trace
            without.calls.removeAll(where: isThat)
            #expect(!violations(without).isEmpty, "nobody misses sync \(number)")
            var late = trace
            late.calls = trace.calls.map { isThat($0) ? $0.moved(to: end) : $0 }
            #expect(!violations(late).isEmpty, "nobody minds that sync \(number) is late")
        }
    }

    /// The daemon's calls while `work` is done, from its start to its end.
    private func traced(_ service: ServiceUnderTest, _ work: () async throws -> Void) async throws -> SystemCallTrace
    {
        let file = service.directory("trace")
        let daemon = try await service.serve(
            through: ["strace"] + SystemCallTrace.arguments(SystemCallTrace.durability, file: file))
        try await work()
        daemon.send(signal: SIGTERM)
        #expect(try await daemon.exit() == .exited(0))
        // The tracer holds the same pipe: when it is gone, the trace is whole.
        try await daemon.errors.ended()
        return try SystemCallTrace(Directory.text(of: file))
    }
}
