import TestSupport
import Testing

/// Promises 1 and 2 for fetched mail: whatever crashes and whenever, the end is the same, byte by byte.
@Suite("Crash at every step while fetching") struct FetchingCrashTests {
    /// Three batches, one a folder: the first is large enough to be synced as a whole, the others file by file.
    private static let folders: [FetchingLife.Folder] = [
        .init(name: "INBOX", messages: Array(MessageCorpus().small(9, size: 1024))),
        .init(name: "Archive", messages: [MessageCorpus(seed: 2)[0], MessageCorpus(seed: 2)[5]]),
        .init(name: "Junk", messages: [MessageCorpus(seed: 3)[1]]),
    ]

    @Test("IMAP: nothing lost, nothing twice, also when a reader consumes each file at once")
    func imap() async throws {
        let life = try await FetchingLife.start(Self.folders, receive: "folders: [INBOX, Archive, Junk]")
        try await CrashLoop([.rename: 12, .sync: 25, .commit: 15], stride: 7).run { point in
            try await life.run(point, consumes: point.moment == .after || point.number % 2 == 0)
        }
        await life.stop()
    }

    @Test("IMAP: the same when it crashes again on the way back", .enabled(if: CrashLoop.isLong))
    func twice() async throws {
        let life = try await FetchingLife.start(Self.folders, receive: "folders: [INBOX, Archive, Junk]")
        try await CrashLoop([.rename: 12, .sync: 25, .commit: 15], stride: 1).run { point in
            try await life.run(point, consumes: true, times: 3)
        }
        await life.stop()
    }

    @Test("POP3: nothing lost, nothing twice, also when a reader consumes each file at once")
    func pop3() async throws {
        let life = try await FetchingLife.start(
            [.init(name: "INBOX", messages: Array(MessageCorpus().small(10, size: 1024)))], receive: "protocol: pop3")
        try await CrashLoop([.rename: 10, .sync: 8, .commit: 6], stride: 5).run { point in
            try await life.run(point, consumes: point.moment == .after || point.number % 2 == 0)
        }
        await life.stop()
    }

    @Test("What a crash left is put in order by the next start, or by the one after a crash in it")
    func recovery() async throws {
        let life = try await FetchingLife.start(Self.folders, receive: "folders: [INBOX, Archive, Junk]")
        // Nine messages are staged and have their rows; two of them are published; and there is a file without a row.
        try await CrashLoop([.rename: 10, .sync: 20, .commit: 14, .unlink: 2], stride: 7).run { point in
            try await life.runAfterCrash(CrashPoint(.rename, .before, 3), point)
        }
        await life.stop()
    }

    @Test("The first start of all")
    func firstStart() async throws {
        let life = try await FetchingLife.start(Self.folders, receive: "folders: [INBOX, Archive, Junk]")
        try await CrashLoop([.rename: 1, .sync: 6, .commit: 3, .unlink: 1], stride: 4).run { point in
            try await life.runFirstStart(point)
        }
        await life.stop()
    }
}

extension FetchingLife {
    /// Crashes at `first`, and the start after it at `point`.
    fileprivate func runAfterCrash(_ first: CrashPoint, _ point: CrashPoint) async throws -> Bool {
        let service = try await service()
        let consumer = try consumer(of: service)
        #expect(try await service.crash(at: first, whenSeen: visits))
        // What a crash before the rows' commit leaves: it has no row. And a body that no message was accepted with.
        let mark = try StateCopy(of: service.state).mark()
        try Directory.write(
            "half a mess", to: service.directory(folders[0].maildir + "/postbote-staging/1.Kx.S\(mark).test"))
        try Directory.write("half a body", to: service.state + "/spool/out/0000000000x")
        let isReached = try await service.crash(at: point, whenSeen: visits)
        try await finish(service, consumer, "\(point)")
        #expect(Directory.names(in: service.state + "/spool/out").isEmpty, "\(point)")
        return isReached
    }

    /// Crashes the start that makes the state.
    fileprivate func runFirstStart(_ point: CrashPoint) async throws -> Bool {
        let service = try ServiceUnderTest(dovecot: dovecot, authorization: authorization)
        try service.configure(receive: receive, send: "enabled: false", extra: "log_level: debug")
        let isReached = try await service.crash(at: point) { daemon in
            try await daemon.errors.line(containing: "EVENT=ready")
        }
        let daemon = try await service.serve()
        try await service.consent()
        #expect(await daemon.stop() == .exited(0), "\(point)")
        try await finish(service, nil, "\(point)")
        return isReached
    }
}
