import TestSupport
import Testing

/// Connections on which nothing more comes, after every line: the account that it hits waits, and nobody else does.
@Suite("Stall at every line") struct StallTests {
    private static let berta = "berta@example.test"
    private static let folders: [FetchingLife.Folder] = [
        .init(name: "INBOX", messages: Array(MessageCorpus().small(3, size: 512)))
    ]

    @Test(
        "IMAP: status answers, others fetch, SIGTERM ends it, and nothing is lost or twice",
        arguments: LineCutter.Side.allCases)
    func imap(side: LineCutter.Side) async throws {
        let life = try await FetchingLife.start(Self.folders, receive: "", others: [Self.berta])
        try await CutLoop(.stall, side, atLeast: side == .server ? 30 : 8, stride: side == .server ? 9 : 4).run {
            try await life.run($0, at: life.dovecot.port(.imap), beside: Self.berta) { .init(imap: $0) }
        }
        await life.stop()
    }

    @Test(
        "POP3: status answers, others fetch, SIGTERM ends it, and nothing is lost or twice",
        arguments: LineCutter.Side.allCases)
    func pop3(side: LineCutter.Side) async throws {
        let life = try await FetchingLife.start(Self.folders, receive: "protocol: pop3", others: [Self.berta])
        try await CutLoop(.stall, side, atLeast: side == .server ? 30 : 8, stride: side == .server ? 9 : 4).run {
            try await life.run($0, at: life.dovecot.port(.pop3), beside: Self.berta) { .init(pop3: $0) }
        }
        await life.stop()
    }

    @Test(
        "SMTP: status answers, SIGTERM ends it, and only what is past the final dot is in doubt",
        arguments: LineCutter.Side.allCases)
    func smtp(side: LineCutter.Side) async throws {
        let life = try await SendingLife.start(messages: 2, largest: 100)
        try await CutLoop(.stall, side, atLeast: side == .server ? 18 : 30, stride: side == .server ? 3 : 11).run {
            try await life.run($0)
        }
        await life.stop()
    }
}

extension FetchingLife {
    /// Fetches through a way that stalls while another account fetches through none; then the service is stopped and
    /// started again, with nothing in its way.
    ///
    /// - Returns: whether it stalled.
    fileprivate func run(
        _ cut: LineCutter.Cut, at port: Int, beside other: String,
        places: @Sendable (String) -> ServiceUnderTest.Places
    ) async throws -> Bool {
        let cutter = try await LineCutter.start(to: port, cut: cut)
        let service = try await service(places(ServiceUnderTest.Places.plain(cutter.port)), others: [other])
        let consumer = try consumer(of: service)
        let daemon = try await service.serve()
        let account = String(other.prefix { $0 != "@" })
        let isStalled = try await cutter.stalls { try await visits(daemon) }
        #expect(try await service.run("status", "anna").status == .exited(0), "\(cut)")
        let fetched = try await service.run("fetch", account, "--wait")
        #expect(fetched.status == .exited(0), "\(cut): \(fetched.errors)")
        #expect(Directory.names(in: service.directory("state/mail/\(account)/new")).count == 1, "\(cut)")
        #expect(await daemon.stop() == .exited(0), "\(cut): \(daemon.errors.text)")
        cutter.letThrough()
        try await finish(service, consumer, "\(cut)")
        await cutter.stop()
        return isStalled
    }
}

extension SendingLife {
    /// Sends through a way that stalls; then the service is stopped and started again, with nothing in its way.
    ///
    /// - Returns: whether it stalled.
    fileprivate func run(_ cut: LineCutter.Cut) async throws -> Bool {
        let server = try await server()
        let cutter = try await LineCutter.start(to: server.port, cut: cut)
        let service = try await service(to: server, through: cutter.port)
        let daemon = try await service.serve()
        let isStalled = try await cutter.stalls { [last = messages[messages.count - 1]] in
            try await sees("message_sent", last, daemon)
        }
        #expect(try await service.run("status", "anna").status == .exited(0), "\(cut)")
        // At most the ten seconds that a transaction past its final dot is given.
        #expect(await daemon.stop(grace: .seconds(30)) == .exited(0), "\(cut): \(daemon.errors.text)")
        cutter.letThrough()
        let inDoubt = try await finish(service, server, "\(cut)")
        checkDoubt(inDoubt, cutter.brokenLines, "\(cut)")
        await cutter.stop()
        await server.stop()
        return isStalled
    }
}

extension LineCutter {
    /// Whichever comes first: a connection stalls, `true`, or all that was to come through has.
    fileprivate func stalls(or allCameThrough: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await self.cut()
                return true
            }
            group.addTask {
                try await allCameThrough()
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }
}
