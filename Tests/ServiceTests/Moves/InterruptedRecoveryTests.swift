import TestSupport
import Testing

/// A recovery that is crashed, cut off or met by new mail at every step comes to the same end, message by message.
@Suite("The recovery of moved folders") struct InterruptedRecoveryTests {
    @Test("comes to the same end wherever the service crashes, also when a reader consumes each file at once")
    func crashed() async throws {
        let life = try await FetchingLife.moved()
        try await CrashLoop([.rename: 6, .sync: 30, .commit: 18, .unlink: 1], stride: 9).run { point in
            try await life.run(point, consumes: point.number % 2 == 0)
        }
        await life.stop()
    }

    @Test("comes to the same end when it crashes again on the way back", .enabled(if: CrashLoop.isLong))
    func crashedAgain() async throws {
        let life = try await FetchingLife.moved()
        try await CrashLoop([.commit: 18], stride: 1).run { point in
            try await life.run(point, consumes: true, times: 3)
        }
        await life.stop()
    }

    @Test("comes to the same end wherever the connection is cut", arguments: LineCutter.Side.allCases)
    func cut(side: LineCutter.Side) async throws {
        // Headers have many lines: where all of the server's are counted there are fewer messages.
        let life = try await FetchingLife.moved(side == .server ? 12 : 510)
        let stride = side == .server ? 25 : 3
        try await CutLoop(.hangUp, side, atLeast: side == .server ? 150 : 15, stride: stride).run {
            try await life.run($0, at: life.dovecot.port(.imap)) { .init(imap: $0) }
        }
        await life.stop()
    }

    @Test("delivers what arrives before each of its commands, once")
    func arrivals() async throws {
        let life = try await FetchingLife.moved()
        let arrived = Watched(0)
        var line = 0
        while try await life.run(arrivalBefore: line, arrived) { line += CrashLoop.isLong ? 1 : 4 }
        #expect(line > 12, "there are fewer commands than expected")
        await life.stop()
    }
}

extension FetchingLife {
    /// A service that has fetched its folders, which were moved since. In the gap came ordinary mail, one that looks like
    /// two that are known, and one was dragged out of junk.
    ///
    /// - Parameter count: of known messages in the inbox; 500 are described at once.
    fileprivate static func moved(_ count: Int = 510) async throws -> FetchingLife {
        let alike = ComposedMessage(9000)
        let known: [Folder] = [
            .init(
                name: "INBOX",
                messages: (1...count).map { ComposedMessage($0).octets } + [copy(alike, 0), copy(alike, 1)]),
            .init(name: "Archive", messages: (2001...2003).map { ComposedMessage($0).octets }),
            .init(name: "Junk", messages: [ComposedMessage(3001).octets]),
        ]
        let gap: [Folder] = [
            .init(
                name: "INBOX",
                messages: (1001...1003).map { ComposedMessage($0).octets } + [
                    copy(alike, 2), ComposedMessage(3001).octets,
                ]),
            .init(name: "Archive", messages: [ComposedMessage(2004).octets]), .init(name: "Junk", messages: []),
        ]
        let before = try await FetchingLife.start(known, receive: "folders: [INBOX, Archive, Junk]")
        let fetched = try await before.service()
        let daemon = try await fetched.serve()
        #expect(try await fetched.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        let user = ServiceUnderTest.user
        try await before.dovecot.whileStopped {
            try before.dovecot.lose([0], of: user, folder: "Junk")
            for folder in gap {
                try before.dovecot.deliver(folder.messages, to: user, folder: folder.name)
                try before.dovecot.renumber(
                    user, folder: folder.name, Renumbering(uidValidity: 4711, order: .reversed))
            }
        }
        let all = zip(known, gap).map { Folder(name: $0.name, messages: $0.messages + $1.messages) }
        return FetchingLife(fetched, all, before.receive)
    }

    private static func copy(_ message: ComposedMessage, _ number: Int) -> [UInt8] {
        var copy = message
        copy.token += number
        return copy.octets
    }

    /// - Parameters:
    ///   - line: of the client, counted from 0: before it is passed on, a message arrives in each folder that moved.
    ///   - arrived: how many messages came in this way before.
    /// - Returns: whether there was such a line.
    fileprivate func run(arrivalBefore line: Int, _ arrived: Watched<Int>) async throws -> Bool {
        let lines = Watched(0)
        let cutter = try await LineCutter.start(to: dovecot.port(.imap), cut: nil) { [dovecot] passed in
            guard passed.side == .client else { return }
            let number = lines.update { lines in
                lines += 1
                return lines - 1
            }
            guard number == line else { return }
            for folder in Self.arrivalFolders {
                let token = arrived.update { arrived in
                    arrived += 1
                    return 5000 + arrived
                }
                do {
                    try dovecot.deliver(
                        ComposedMessage(token).octets, to: ServiceUnderTest.user, folder: folder)
                } catch {
                    Issue.record(error)
                }
            }
        }
        let service = try await service(.init(imap: ServiceUnderTest.Places.plain(cutter.port)))
        let daemon = try await service.serve()
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(0), "before line \(line): \(fetched.errors)")
        #expect(await daemon.stop() == .exited(0))
        await cutter.stop()
        // What came behind the first look is there at the next one, which nothing is in the way of.
        try service.configure(receive: receive, send: "enabled: false")
        let more = (0..<arrived.value).map { ComposedMessage(5001 + $0).octets }
        let all = FetchingLife(service, folders + [Folder(name: "More", messages: more)], receive)
        try await all.finish(service, nil, "before line \(line)")
        return lines.value > line
    }

    private static let arrivalFolders = ["INBOX", "Archive"]
}
