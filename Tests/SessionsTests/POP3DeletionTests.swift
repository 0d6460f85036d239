import Diagnostics
import MailModel
import MailProtocol
import Sessions
import TestSupport
import Testing
import Transport

/// POP3 deletes when the session ends, and in no other way changes anything.
@Suite("Changing a POP3 mailbox") struct POP3DeletionTests {
    private static let listed = """
        S: +OK ready
        C: CAPA
        S+ +OK
        S+ USER
        S+ PIPELINING
        S: .
        C: USER anna
        S: +OK
        C: PASS geheim
        S: +OK in
        C: STAT
        S: +OK 3 300
        C: UIDL
        C: LIST
        S+ +OK
        S+ 1 one
        S+ 2 two
        S+ 3 three
        S+ .
        S+ +OK
        S+ 1 100
        S+ 2 100
        S+ 3 100
        S: .

        """
    private static let some = UIDSet([UID(1), UID(3), UID(9)].compactMap(\.self))

    /// Opens the mailbox, does `body`, and gives what closing it says.
    private func visit(
        _ dialog: String, isPlayed: Bool = true, timeouts: SessionTimeouts = SessionTimeouts(),
        _ body: (POP3Mailbox) async throws -> Void
    ) async throws -> Failure? {
        let server = try await ScriptedServer.start(Self.listed + dialog)
        let connection = try await Connection.open(
            ConnectionRequest(
                .pop3, at: Endpoint(host: "localhost", port: server.port, tls: .none), timeout: .seconds(60)),
            on: EventLoop())
        let mailbox = try await POP3Mailbox.signIn(
            .password(user: "anna", password: Secret("geheim")), on: connection, numbering: ByNumber(),
            timeouts: timeouts)
        _ = try await mailbox.select(await mailbox.folders()[0], for: .changing)
        try await body(mailbox)
        let failure = await mailbox.close()
        if isPlayed { try await server.finished() }
        await server.stop()
        return failure
    }

    @Test("Messages are marked with one round trip, those that are not listed passed over, and removed by QUIT")
    func deletes() async throws {
        let failure = try await visit("C: DELE 1\nC: DELE 3\nS+ +OK\nS: +OK\nC: QUIT\nS: +OK bye") { mailbox in
            #expect(mailbox.deletesAtClose && !mailbox.canMove)
            try await mailbox.delete(Self.some)
            // Until then they are there.
            #expect(try await mailbox.present(Self.some).description == "1,3")
        }
        #expect(failure == nil)
    }

    @Test("A message is marked once in a session")
    func twice() async throws {
        let failure = try await visit("C: DELE 1\nC: DELE 3\nS+ +OK\nS: +OK\nC: DELE 2\nS: +OK\nC: QUIT\nS: +OK") {
            try await $0.delete(Self.some)
            try await $0.delete(UIDSet(UID.min...UID(3)!))
        }
        #expect(failure == nil)
    }

    @Test("A refused DELE is a failure of the message, the others are marked, and the dialog is in step")
    func refusedMark() async throws {
        let failure = try await visit("C: DELE 1\nC: DELE 3\nS+ -ERR locked\nS: +OK\nC: QUIT\nS: +OK") { mailbox in
            let failure = await #expect(throws: Failure.self) { try await mailbox.delete(Self.some) }
            #expect(failure?.scope == .message && failure?.serverLine == "-ERR locked")
            #expect(await !mailbox.isOutOfStep)
        }
        #expect(failure == nil)
    }

    @Test(
        "A QUIT that removes not all of them is told to whoever closes",
        arguments: ["-ERR some deleted messages not removed", "-ERR [SYS/TEMP] locked"])
    func refusedQuit(reply: String) async throws {
        let failure = try await visit("C: DELE 1\nC: DELE 3\nS+ +OK\nS: +OK\nC: QUIT\nS: \(reply)") {
            try await $0.delete(Self.some)
        }
        #expect(failure?.operation == "QUIT" && failure?.serverLine == reply)
        #expect(failure?.scope == .folder && failure?.retry == .later(after: nil))
    }

    @Test("A refused QUIT of a session that deleted nothing is nobody's business")
    func refusedGoodBye() async throws {
        let failure = try await visit("C: QUIT\nS: -ERR no") { _ = try await $0.look(Look.Question(.all)) }
        #expect(failure == nil)
    }

    @Test("A connection that breaks before its QUIT has deleted nothing, and says so", arguments: [0, 1, 2])
    func brokenOff(replies: Int) async throws {
        let dialog = "C: DELE 1\nC: DELE 3\n" + String(repeating: "S: +OK\n", count: replies) + "CLOSE"
        let failure = try await visit(dialog) { mailbox in
            if replies < 2 {
                _ = await #expect(throws: Failure.self) { try await mailbox.delete(Self.some) }
            } else {
                try await mailbox.delete(Self.some)
            }
        }
        #expect(failure?.operation == "QUIT")
    }

    @Test("A QUIT that is not answered is told, too", arguments: ["CLOSE", "STALL"])
    func unanswered(end: String) async throws {
        var timeouts = SessionTimeouts()
        timeouts.reply = .seconds(5)
        let failure = try await visit("C: DELE 1\nC: DELE 3\nS+ +OK\nS: +OK\nC: QUIT\n\(end)", timeouts: timeouts) {
            try await $0.delete(Self.some)
        }
        #expect(failure?.operation == "QUIT")
    }

    @Test("There are no flags and no folders, and that is said in words that help")
    func unable() async throws {
        _ = try await visit("C: QUIT\nS: +OK") { mailbox in
            let other = RemoteFolder(serverName: "Done", path: FolderPath(["Done"]), role: nil)
            _ = try await mailbox.look(Look.Question(.all))
            let changes: [@Sendable () async throws -> Void] = [
                { try await mailbox.markSeen(Self.some) }, { _ = try await mailbox.move(Self.some, to: other) },
                { _ = try await mailbox.copy(Self.some, to: other) },
            ]
            for change in changes {
                let failure = await #expect(throws: Failure.self) { try await change() }
                #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote) && failure?.scope == .folder)
                #expect(failure?.reason.contains("after_fetch") == true)
            }
        }
    }

    @Test(
        "Messages are described together, one that is refused with nothing but its size, one that is not listed not")
    func describes() async throws {
        let dialog = """
            C: TOP 1 0
            C: TOP 3 0
            S+ +OK
            S+ Message-ID: <1@x.test>
            S+
            S+ .
            S: -ERR gone
            C: QUIT
            S: +OK
            """
        _ = try await visit(dialog) { mailbox in
            _ = try await mailbox.look(Look.Question(.all))
            let summaries = try await mailbox.describe(Self.some, .identity)
            #expect(summaries.map(\.uid.rawValue) == [1, 3] && summaries.map(\.size) == [100, 100])
            #expect(summaries.map { $0.headers?.messageID?.text } == ["1@x.test", nil])
            #expect(try await mailbox.describe(Self.some, .date).map(\.size) == [100, 100])
        }
    }
}

/// Numbers unique-ids as they come.
private struct ByNumber: UniqueIDNumbering {
    func number(_ listed: [POP3UniqueID]) -> [UID] { listed.indices.compactMap { UID(UInt32($0 + 1)) } }
}
