import TestSupport
import Testing

/// Connections that end after every line, of either side; then the servers can be reached again, and the end must be that
/// of a run nobody interrupted.
@Suite("Hang up at every line") struct HangUpTests {
    private static let folders: [FetchingLife.Folder] = [
        .init(name: "INBOX", messages: Array(MessageCorpus().small(3, size: 512)))
    ]

    @Test("IMAP: nothing lost, nothing twice", arguments: LineCutter.Side.allCases)
    func imap(side: LineCutter.Side) async throws {
        let life = try await FetchingLife.start(Self.folders, receive: "")
        try await CutLoop(.hangUp, side, atLeast: side == .server ? 30 : 8, stride: side == .server ? 7 : 2).run {
            try await life.run($0, at: life.dovecot.port(.imap)) { .init(imap: $0) }
        }
        await life.stop()
    }

    @Test("POP3: nothing lost, nothing twice", arguments: LineCutter.Side.allCases)
    func pop3(side: LineCutter.Side) async throws {
        let life = try await FetchingLife.start(Self.folders, receive: "protocol: pop3")
        try await CutLoop(.hangUp, side, atLeast: side == .server ? 30 : 8, stride: side == .server ? 7 : 2).run {
            try await life.run($0, at: life.dovecot.port(.pop3)) { .init(pop3: $0) }
        }
        await life.stop()
    }

    @Test("SMTP: a lost reply to the final dot is in doubt, and only that", arguments: LineCutter.Side.allCases)
    func smtp(side: LineCutter.Side) async throws {
        let life = try await SendingLife.start(messages: 2, largest: 100)
        try await CutLoop(.hangUp, side, atLeast: side == .server ? 18 : 30, stride: side == .server ? 2 : 3).run {
            try await life.run($0)
        }
        await life.stop()
    }
}

extension FetchingLife {
    /// Fetches through a way that breaks, and then through one that does not.
    ///
    /// - Returns: whether it broke.
    func run(
        _ cut: LineCutter.Cut, at port: Int, places: @Sendable (String) -> ServiceUnderTest.Places
    ) async throws -> Bool {
        let cutter = try await LineCutter.start(to: port, cut: cut)
        let service = try await service(places(ServiceUnderTest.Places.plain(cutter.port)))
        let consumer = try consumer(of: service)
        let daemon = try await service.serve()
        let first = try await service.run("fetch", "anna", "--wait")
        let isCut = cutter.hasCut
        if !isCut { #expect(first.status == .exited(0), "\(cut): \(first.errors)") }
        cutter.letThrough()
        let second = try await service.run("fetch", "anna", "--wait")
        #expect(second.status == .exited(0), "\(cut): \(second.errors)")
        #expect(await daemon.stop() == .exited(0), "\(cut)")
        try check(service, consumer, "\(cut)")
        await cutter.stop()
        return isCut
    }
}

extension SendingLife {
    /// Sends through a way that breaks, and then through one that does not.
    ///
    /// - Returns: `false` when everything was sent and nothing broke.
    fileprivate func run(_ cut: LineCutter.Cut) async throws -> Bool {
        let server = try await server()
        let cutter = try await LineCutter.start(to: server.port, cut: cut)
        let service = try await service(to: server, through: cutter.port)
        let daemon = try await service.serve()
        // Over is the first try when each message has fared somehow, or nothing goes on because nobody can sign in.
        let fared = try await withThrowingTaskGroup(of: [Bool]?.self) { group in
            group.addTask { try await fates(daemon) }
            group.addTask {
                try await daemon.errors.line(containing: "EVENT=account_state_changed")
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        let isOver = !cutter.hasCut && fared?.allSatisfy(\.self) == true
        cutter.letThrough()
        #expect(try await service.run("reload").status == .exited(0), "\(cut)")
        _ = try await fates(daemon)
        let inDoubt = try await settle(service, daemon, "\(cut)")
        #expect(await daemon.stop() == .exited(0), "\(cut)")
        try await server.idle()
        try check(server, inDoubt, "\(cut)")
        checkDoubt(inDoubt, cutter.brokenLines, "\(cut)")
        await cutter.stop()
        await server.stop()
        return !isOver
    }

    /// For each message whether it was sent at its first attempt, once all have had one.
    private func fates(_ daemon: ChildProcess) async throws -> [Bool] {
        var fates: [Bool] = []
        for message in messages {
            let line = try await daemon.errors.line("the fate of \(message.subject)") { line in
                line.contains("QUEUE_ID=\(message.id)") && line.contains("EVENT=message_")
                    && !line.contains("EVENT=message_retried")
            }
            fates.append(line.contains("EVENT=message_sent"))
        }
        return fates
    }

    /// In doubt are the messages whose final dot went through and whose reply did not, and no others.
    func checkDoubt(_ inDoubt: Set<String>, _ broken: [[LineCutter.Line]], _ point: String) {
        let unanswered = broken.count { $0.last == LineCutter.Line(side: .client, text: ".") }
        // Between 354 and the dot the client may have sent the dot before it could see that nobody takes it any more.
        let unknown = broken.count { lines in
            lines.last { $0.side == .server }?.text.hasPrefix("354") == true && lines.last?.text != "."
        }
        #expect((unanswered...(unanswered + unknown)).contains(inDoubt.count), "\(point): \(inDoubt)")
    }
}
