import Diagnostics
import MailModel
import Testing

@testable import MailProtocol

@Suite("IMAP commands")
struct IMAPCommandTests {
    static let gmail = IMAPCapabilities(["SPECIAL-USE", "LIST-EXTENDED", "CONDSTORE"])

    struct Written: Sendable, CustomTestStringConvertible {
        var command: IMAPCommand
        var line: String

        init(_ command: IMAPCommand, _ line: String) {
            self.command = command
            self.line = line
        }

        var testDescription: String { line }
    }

    static let written: [Written] = [
        Written(.capability, "pb7 CAPABILITY"), Written(.noop, "pb7 NOOP"), Written(.logout, "pb7 LOGOUT"),
        Written(.idle, "pb7 IDLE"), Written(.unselect, "pb7 UNSELECT"), Written(.namespace, "pb7 NAMESPACE"),
        Written(.enable(["CONDSTORE"]), "pb7 ENABLE CONDSTORE"), Written(.id([]), "pb7 ID NIL"),
        Written(.id([("name", "Postbote"), ("x", "\"")]), #"pb7 ID ("name" "Postbote" "x" "\"")"#),
        Written(.list(capabilities: IMAPCapabilities()), #"pb7 LIST "" "*""#),
        Written(
            .list("Entwürfe/%", capabilities: gmail), #"pb7 LIST "" "Entw&APw-rfe/%" RETURN (SUBSCRIBED SPECIAL-USE)"#
        ),
        Written(.listSubscribed(), #"pb7 LSUB "" "*""#), Written(.select(.inbox), #"pb7 SELECT "INBOX""#),
        Written(.examine(IMAPMailboxName("a \"b\\")), #"pb7 EXAMINE "a \"b\\""#),
        Written(.status(IMAPMailboxName("x"), capabilities: gmail), #"pb7 STATUS "x" (UIDVALIDITY)"#),
        Written(
            .status(IMAPMailboxName("x"), capabilities: IMAPCapabilities(["OBJECTID"])),
            #"pb7 STATUS "x" (UIDVALIDITY MAILBOXID)"#),
        Written(.search([]), "pb7 UID SEARCH ALL"),
        Written(.search([.from(UID(12)!), .undeleted]), "pb7 UID SEARCH UID 12:* UNDELETED"),
        Written(
            .search([.since(Timestamp(seconds: 1_767_225_600)), .uids(UID(2)!...UID(9)!)], extended: true),
            "pb7 UID SEARCH RETURN (ALL) SINCE 1-Jan-2026 UID 2:9"),
        Written(
            .search([.header(name: "Message-ID", contains: "<a@b>")]), #"pb7 UID SEARCH HEADER "Message-ID" "<a@b>""#),
        Written(.search([.deleted]), "pb7 UID SEARCH DELETED"),
        Written(.search(UIDSet(1...3, 7...7))[0], "pb7 UID SEARCH UID 1:3,7"),
        Written(.search(UIDSet(7...7), extended: true)[0], "pb7 UID SEARCH RETURN (ALL) UID 7"),
        Written(
            .fetch(UIDSet(1...3, 7...7), [.uid, .size, .internalDate])[0],
            "pb7 UID FETCH 1:3,7 (UID RFC822.SIZE INTERNALDATE)"),
        Written(
            .fetch(UIDSet(1...3, 7...7), [.uid, .body])[0], "pb7 UID FETCH 1:3,7 (UID BODY.PEEK[])"),
        Written(
            .fetch(
                UIDSet(1...1), [.headerFields(["MESSAGE-ID", "DATE"]), .partialBody(origin: 0, count: 9), .size])[0],
            "pb7 UID FETCH 1 (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE)] BODY.PEEK[]<0.9> RFC822.SIZE)"),
        Written(
            .store(UIDSet(4...4), .add, IMAPFlags([.seen], keywords: ["$x"]))[0],
            "pb7 UID STORE 4 +FLAGS.SILENT (\\Seen $x)"),
        Written(.copy(UIDSet(4...4), to: IMAPMailboxName("x"))[0], #"pb7 UID COPY 4 "x""#),
        Written(.move(UIDSet(4...5), to: IMAPMailboxName("x"))[0], #"pb7 UID MOVE 4:5 "x""#),
        Written(
            .store(UIDSet(4...5), .remove, IMAPFlags(.deleted))[0], "pb7 UID STORE 4:5 -FLAGS.SILENT (\\Deleted)"),
        Written(.expunge(UIDSet(4...4))[0], "pb7 UID EXPUNGE 4"), Written(.expungeDeleted, "pb7 EXPUNGE"),
    ]

    @Test("Are written as the server reads them", arguments: written)
    func lines(written: Written) {
        let lines = IMAPCommandEncoder(literals: .synchronizing).encode(written.command, tag: IMAPTag(7))
        #expect(lines == [ClientLine(written.line)])
    }

    @Test("A set too long for one line becomes several, and loses nothing")
    func split() throws {
        let uids = UIDSet((0..<5_000).compactMap { UID(4_000_000_000 + $0 * 3) })
        let target = IMAPMailboxName(String(repeating: "ü", count: 40))
        let encoder = IMAPCommandEncoder(literals: .synchronizing)
        for commands in [
            IMAPCommand.fetch(uids, [.uid, .body]), IMAPCommand.move(uids, to: target), IMAPCommand.expunge(uids),
            IMAPCommand.copy(uids, to: target), IMAPCommand.store(uids, .remove, IMAPFlags(.deleted)),
        ] {
            var seen = UIDSet()
            for command in commands {
                let lines = encoder.encode(command, tag: IMAPTag(.max))
                #expect(lines.allSatisfy { $0.count <= IMAPLimits.commandLine })
                let set = lines[0].description.split(separator: " ")[3]
                var cursor = IMAPCursor(Array(set.utf8))
                seen = seen.union(try #require(cursor.uidSequence()?.set))
            }
            #expect(commands.count > 50)
            #expect(seen == uids)
        }
    }

    @Test("So does a search for a set", arguments: [false, true])
    func splitSearch(extended: Bool) throws {
        let uids = UIDSet((0..<5_000).compactMap { UID(4_000_000_000 + $0 * 3) })
        let encoder = IMAPCommandEncoder(literals: .synchronizing)
        var seen = UIDSet()
        for command in IMAPCommand.search(uids, extended: extended) {
            let lines = encoder.encode(command, tag: IMAPTag(.max))
            #expect(lines.count == 1 && lines[0].count <= IMAPLimits.commandLine)
            var cursor = IMAPCursor(Array(try #require(lines[0].description.split(separator: " ").last).utf8))
            seen = seen.union(try #require(cursor.uidSequence()?.set))
        }
        #expect(seen == uids)
    }

    @Test("No UIDs, no command")
    func empty() {
        #expect(IMAPCommand.fetch(UIDSet(), [.uid]).isEmpty)
        #expect(IMAPCommand.expunge(UIDSet()).isEmpty)
    }

    @Test(
        "What cannot be quoted goes as a literal, waiting where it must",
        arguments: [
            (IMAPLiterals.synchronizing, ["pb7 EXAMINE {3}\r\n", "a\u{E9}\r\n"]),
            (.nonSynchronizingSmall, ["pb7 EXAMINE {3+}\r\na\u{E9}\r\n"]),
            (.nonSynchronizing, ["pb7 EXAMINE {3+}\r\na\u{E9}\r\n"]),
        ])
    func literals(literals: IMAPLiterals, lines: [String]) {
        let command = IMAPCommand.examine(IMAPMailboxName(raw: Array("a\u{E9}".utf8)))
        let encoded = IMAPCommandEncoder(literals: literals).encode(command, tag: IMAPTag(7))
        #expect(encoded == lines.map { ClientLine(octets: Array($0.utf8)) })
    }

    @Test("With LITERAL- a literal above 4,096 octets waits, with LITERAL+ it does not")
    func largeLiterals() {
        let command = IMAPCommand.examine(IMAPMailboxName(raw: [UInt8](repeating: 0x61, count: 4_097)))
        #expect(IMAPCommandEncoder(literals: .nonSynchronizingSmall).encode(command, tag: IMAPTag(1)).count == 2)
        #expect(IMAPCommandEncoder(literals: .nonSynchronizing).encode(command, tag: IMAPTag(1)).count == 1)
    }

    @Test("A password is sent and not shown", arguments: ["s3\"cret", "s3\u{E9}cret"])
    func login(password: String) {
        let command = IMAPCommand.login(user: "anna", password: Secret(password))
        let lines = IMAPCommandEncoder(literals: .synchronizing).encode(command, tag: IMAPTag(7))
        let sent = lines.map { $0.withBytes { String(decoding: $0, as: UTF8.self) } }.joined()
        #expect(sent.contains("cret"))
        #expect(!lines.contains { $0.description.contains("cret\"") || $0.description.contains("s3") })
    }
}

@Suite("IMAP pipeline")
struct IMAPPipelineTests {
    static let done = IMAPReply(.ok, text: "done")
    static let eight = IMAPCommand.examine(IMAPMailboxName(raw: [0xE9]))

    @Test("Commands go out at once, and replies find them in any order")
    func anyOrder() throws {
        var pipeline = IMAPPipeline()
        let first = try pipeline.submit(.noop)
        let second = try pipeline.submit(.search([]))
        #expect(first.send == [ClientLine("pb1 NOOP")])
        #expect(second.send == [ClientLine("pb2 UID SEARCH ALL")])
        let step = try pipeline.receive(.tagged(second.tag, Self.done))
        #expect(step == .init(completed: .init(tag: IMAPTag(2), operation: .search, reply: Self.done)))
        #expect(try pipeline.receive(.untagged(.exists(1))) == .init())
        #expect(try pipeline.receive(.tagged(first.tag, Self.done)).completed?.tag == IMAPTag(1))
        #expect(pipeline.isIdle)
    }

    @Test("Nothing is sent between a literal and its continuation")
    func literalWaits() throws {
        var pipeline = IMAPPipeline()
        let first = try pipeline.submit(Self.eight)
        #expect(first.send == [ClientLine("pb1 EXAMINE {1}")])
        let second = try pipeline.submit(.noop)
        #expect(second.send.isEmpty)
        let step = try pipeline.receive(.continuation([]))
        #expect(step.send == [ClientLine(octets: [0xE9, 0x0D, 0x0A]), ClientLine("pb2 NOOP")])
    }

    @Test("A refused literal lets the next command go")
    func literalRefused() throws {
        var pipeline = IMAPPipeline()
        let first = try pipeline.submit(Self.eight)
        _ = try pipeline.submit(.noop)
        let step = try pipeline.receive(.tagged(first.tag, IMAPReply(.no, text: "too long")))
        #expect(step.completed?.reply.status == .no)
        #expect(step.send == [ClientLine("pb2 NOOP")])
    }

    @Test("IDLE holds commands back until it has ended")
    func idle() throws {
        var pipeline = IMAPPipeline()
        let idle = try pipeline.submit(.idle)
        #expect(pipeline.endIdle().isEmpty)
        _ = try pipeline.receive(.continuation(Array("idling".utf8)))
        #expect(pipeline.isIdling)
        #expect(try pipeline.receive(.continuation([])) == .init())
        #expect(try pipeline.submit(.noop).send.isEmpty)
        #expect(pipeline.endIdle() == [ClientLine("DONE")])
        #expect(pipeline.endIdle().isEmpty)
        #expect(!pipeline.isIdling)
        let step = try pipeline.receive(.tagged(idle.tag, Self.done))
        #expect(step.completed?.operation == .idle)
        #expect(step.send == [ClientLine("pb2 NOOP")])
    }

    @Test("A refused IDLE is no IDLE")
    func idleRefused() throws {
        var pipeline = IMAPPipeline()
        let idle = try pipeline.submit(.idle)
        _ = try pipeline.receive(.tagged(idle.tag, IMAPReply(.bad, text: "what")))
        #expect(!pipeline.isIdling)
        #expect(try pipeline.submit(.noop).send.count == 1)
    }

    @Test("A reply to nothing, or a continuation for nothing, is out of step")
    func outOfStep() throws {
        var pipeline = IMAPPipeline(nextTag: IMAPTag(5))
        let tag = try pipeline.submit(.noop).tag
        #expect(tag == IMAPTag(5))
        #expect(throws: Failure.self) { try pipeline.receive(.continuation([])) }
        #expect(throws: Failure.self) { try pipeline.receive(.tagged(IMAPTag(4), Self.done)) }
        _ = try pipeline.receive(.tagged(tag, Self.done))
        #expect(throws: Failure.self) { try pipeline.receive(.tagged(tag, Self.done)) }
    }

    @Test("There is an end to what one connection takes")
    func limit() throws {
        var pipeline = IMAPPipeline()
        for _ in 0..<IMAPLimits.pipeline { _ = try pipeline.submit(.noop) }
        #expect(throws: Failure.self) { try pipeline.submit(.noop) }
    }
}
