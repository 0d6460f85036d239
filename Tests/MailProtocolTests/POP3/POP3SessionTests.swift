import Diagnostics
import Testing

@testable import MailProtocol

/// Plays the server around a `POP3Session`.
struct POP3Dialog {
    var session: POP3Session
    /// All actions that are not `send`, pieces of content joined.
    var actions: [POP3Action] = []
    private var sent: [UInt8] = []

    init(_ capabilities: String...) { session = POP3Session(capabilities: POP3Capabilities(lines: capabilities)) }

    mutating func perform(_ new: [POP3Action]) {
        for action in new {
            switch (action, actions.last) {
            case (.send(let line), _): sent += line.withBytes { $0 }
            case (.content(let more), .content(let some)): actions[actions.count - 1] = .content(some + more)
            case (.uniqueIDs(let more), .uniqueIDs(let some)): actions[actions.count - 1] = .uniqueIDs(some + more)
            case (.sizes(let more), .sizes(let some)): actions[actions.count - 1] = .sizes(some + more)
            default: actions.append(action)
            }
        }
    }

    mutating func server(_ text: String) { perform(session.receive(Array(text.utf8)[...])) }

    /// What was sent since this was asked.
    mutating func client() -> String {
        defer { sent = [] }
        return String(decoding: sent, as: UTF8.self)
    }

    var failure: Failure? {
        actions.lazy.compactMap { action in
            switch action {
            case .signInFailed(let failure), .refused(_, let failure), .close(.some(let failure)): failure
            default: nil
            }
        }.first
    }
}

@Suite struct POP3SessionTests {
    private static let one = POP3MessageNumber(1)!
    private static let two = POP3MessageNumber(2)!
    private static let gone = Failure(.direction, .now, operation: "read", reason: "Gone.")

    private func dialog(_ commands: [POP3Command], pipelining: Bool = false) -> POP3Dialog {
        var dialog = pipelining ? POP3Dialog("PIPELINING") : POP3Dialog()
        dialog.perform(dialog.session.run(commands))
        return dialog
    }

    private func content(_ text: String) -> POP3Action { .content(Array(text.utf8)) }

    // MARK: Commands

    @Test("A whole session goes line by line")
    func session() throws {
        var dialog = dialog([
            .stat, .uidl, .list, .top(Self.one, lines: 0), .retr(Self.one), .dele(Self.one), .noop, .rset, .quit,
        ])
        let replies = [
            ("STAT\r\n", "+OK 2 320\r\n"), ("UIDL\r\n", "+OK\r\n1 a\r\n2 b c\r\n.\r\n"),
            ("LIST\r\n", "+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n"),
            ("TOP 1 0\r\n", "+OK\r\nSubject: x\r\n\r\n.\r\n"), ("RETR 1\r\n", "+OK 120 octets\r\na\r\n..\r\n.\r\n"),
            ("DELE 1\r\n", "+OK\r\n"), ("NOOP\r\n", "+OK\r\n"), ("RSET\r\n", "+OK\r\n"), ("QUIT\r\n", "+OK bye\r\n"),
        ]
        for (command, reply) in replies {
            #expect(dialog.client() == command)
            dialog.server(reply)
        }
        let ids = ["a", "b"].map { POP3UniqueID($0)! }
        #expect(
            dialog.actions == [
                .mailbox(messages: 2, octets: 320), .done(.stat),
                .uniqueIDs([.init(number: Self.one, value: ids[0]), .init(number: Self.two, value: ids[1])]),
                .done(.uidl),
                .sizes([.init(number: Self.one, value: 120), .init(number: Self.two, value: 200)]), .done(.list),
                content("Subject: x\r\n\r\n"), .done(.top(Self.one, lines: 0)), content("a\r\n.\r\n"),
                .done(.retr(Self.one)), .done(.dele(Self.one)), .done(.noop), .done(.rset), .done(.quit), .close(nil),
            ])
        #expect(dialog.session.isClosed)
    }

    @Test("With PIPELINING commands go out in groups of bounded size, replies belong to them by position")
    func pipelining() {
        let numbers = (1...100).map { POP3MessageNumber($0)! }
        var dialog = dialog(numbers.map { .retr($0) }, pipelining: true)
        var waiting = 0
        var served = 0
        var groups = 0
        while served < 100 {
            let sent = dialog.client().split(separator: "\r\n").count
            waiting += sent
            groups += sent > 0 ? 1 : 0
            #expect(waiting <= 32)
            served += 1
            waiting -= 1
            dialog.server(served % 10 == 0 ? "-ERR no such message\r\n" : "+OK\r\n\(served)\r\n.\r\n")
        }
        #expect(groups <= 8)
        let ends = dialog.actions.compactMap { action -> Int? in
            switch action {
            case .done(.retr(let number)): number.rawValue
            case .refused(.retr(let number), _): -number.rawValue
            default: nil
            }
        }
        #expect(ends == (1...100).map { $0 % 10 == 0 ? -$0 : $0 })
        #expect(dialog.session.isReady)
    }

    @Test("Every split of the dialog gives the same")
    func splits() {
        let text = "+OK\r\na\r\n..b\r\n.c\r\n\r\n.\r\n-ERR [SYS/TEMP] busy\r\n+OK\r\n1 x\r\n2 y\r\n.\r\n+OK 1 2\r\n"
        let octets = Array(text.utf8)
        let commands: [POP3Command] = [.retr(Self.one), .dele(Self.two), .uidl, .stat]
        func play(_ pieces: [ArraySlice<UInt8>]) -> [POP3Action] {
            var dialog = dialog(commands, pipelining: true)
            for piece in pieces { dialog.perform(dialog.session.receive(piece)) }
            return dialog.actions
        }
        let whole = play([octets[...]])
        #expect(whole.first == content("a\r\n.b\r\nc\r\n\r\n"))
        #expect(whole.count == 7)
        for split in 0...octets.count { #expect(play([octets[..<split], octets[split...]]) == whole) }
        #expect(play(octets.indices.map { octets[$0...$0] }) == whole)
    }

    @Test(
        "Content comes as it was before dots were doubled, and ends only at CRLF . CRLF",
        arguments: [
            (".\r\n", ""), ("\r\n.\r\n", "\r\n"), ("..\r\n.\r\n", ".\r\n"), ("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n"),
            ("a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n"), ("a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n"),
            (".a\r\n.\r\n", "a\r\n"), (".\rb\r\n.\r\n", "\rb\r\n"), ("a\r\r\n.\r\n", "a\r\r\n"),
            ("...\r\n..\r\n.\r\n", "..\r\n.\r\n"), ("\n\n.\r\n\r\n.\r\n", "\n\n.\r\n\r\n"),
        ])
    func content(wire: String, expected: String) {
        let octets = Array("+OK\r\n\(wire)".utf8)
        for split in 0...octets.count {
            var dialog = dialog([.retr(Self.one)])
            dialog.perform(dialog.session.receive(octets[..<split]))
            dialog.perform(dialog.session.receive(octets[split...]))
            #expect(dialog.actions == (expected.isEmpty ? [] : [content(expected)]) + [.done(.retr(Self.one))])
        }
    }

    @Test("A server whose lines end in bare LF is understood")
    func bareLineFeeds() {
        var dialog = dialog([.retr(Self.one), .uidl])
        dialog.server("+OK\na\n..b\n.\n")
        dialog.server("+OK\n1 x\n.\n")
        #expect(dialog.actions.first == content("a\n.b\n"))
        #expect(dialog.session.isReady)
    }

    @Test("A truncated message is never done")
    func truncated() {
        let octets = Array("+OK\r\na\r\n..\r\n.\r\n".utf8)
        for length in 0..<octets.count {
            var dialog = dialog([.retr(Self.one)])
            dialog.perform(dialog.session.receive(octets.prefix(length)))
            dialog.perform(dialog.session.connectionEnded(Self.gone))
            #expect(dialog.actions.suffix(2) == [.refused(.retr(Self.one), Self.gone), .close(Self.gone)])
        }
    }

    @Test("When the connection breaks, all commands without a reply are refused")
    func lost() {
        var dialog = dialog([.noop, .dele(Self.one), .dele(Self.two)])
        dialog.server("+OK\r\n")
        dialog.perform(dialog.session.connectionEnded(Self.gone))
        #expect(
            dialog.actions == [
                .done(.noop), .refused(.dele(Self.one), Self.gone), .refused(.dele(Self.two), Self.gone),
                .close(Self.gone),
            ])
        #expect(dialog.session.connectionEnded(Self.gone).isEmpty)
    }

    // MARK: Servers that misbehave

    @Test("What is left over from the connection's beginning is skipped, once")
    func leftovers() {
        var dialog = dialog([.noop])
        dialog.server("LINING\r\n.\r\n+OK\r\n")
        #expect(dialog.actions == [.done(.noop)])
        dialog.perform(dialog.session.run([.noop]))
        dialog.server("LINING\r\n")
        #expect(dialog.session.isClosed)
    }

    @Test("A server that speaks unasked has ended the session")
    func unasked() {
        var dialog = POP3Dialog()
        dialog.server("-ERR [SYS/TEMP] autologout\r\n")
        #expect(dialog.failure?.condition == .sessionEnded && dialog.failure?.retry == .now)
    }

    @Test("What is no reply ends the session", arguments: ["+OKAY\r\n", "250 ok\r\n", "* OK\r\n", "+ \r\n"])
    func garbage(text: String) {
        var dialog = dialog([.noop, .noop])
        dialog.server("+OK\r\n")
        dialog.server(text)
        #expect(dialog.session.isClosed && dialog.failure?.scope == .direction)
    }

    @Test("Endless lines end the session")
    func limits() {
        let long = String(repeating: "x", count: POP3Limits.statusLine + 1)
        var status = dialog([.noop])
        status.server(long)
        #expect(status.session.isClosed)
        var leftovers = dialog([.noop])
        leftovers.server(String(repeating: "x\r\n", count: 65))
        #expect(leftovers.session.isClosed)
        for text in ["+OK\r\n1 \(long)", "+OK\r\n" + String(repeating: "x", count: 3000)] {
            var list = dialog([.uidl])
            list.server(text)
            #expect(list.session.isClosed)
        }
        var capabilities = dialog([.capa])
        capabilities.server("+OK\r\n" + String(repeating: "X\r\n", count: 201))
        #expect(capabilities.session.isClosed)
    }

    @Test(
        "A list with a line that is no entry ends the session",
        arguments: ["x a", "0 a", "1", "", "-1 a", "1 \u{7}", "1 ä"])
    func badEntry(line: String) {
        var dialog = dialog([.uidl])
        dialog.server("+OK\r\n1 good\r\n\(line)\r\n.\r\n")
        #expect(dialog.session.isClosed)
        #expect(dialog.failure?.operation == "POP3")
    }

    @Test("Two messages may have the same unique-id, and it may be longer than 70 characters")
    func duplicates() {
        var dialog = dialog([.uidl])
        let long = String(repeating: "u", count: 200)
        dialog.server("+OK\r\n1 \(long)\r\n2 \(long)\r\n.\r\n")
        let id = POP3UniqueID(long)!
        #expect(
            dialog.actions.first
                == .uniqueIDs([.init(number: Self.one, value: id), .init(number: Self.two, value: id)]))
    }

    @Test("A list of 100,000 unique-ids comes in pieces")
    func manyUniqueIDs() {
        var dialog = dialog([.uidl])
        dialog.server("+OK\r\n")
        var text = ""
        for number in 1...100_000 { text += "\(number) id\(number)\r\n" }
        let octets = Array((text + ".\r\n").utf8)
        for start in stride(from: 0, to: octets.count, by: 16384) {
            dialog.perform(dialog.session.receive(octets[start..<min(start + 16384, octets.count)]))
        }
        guard case .uniqueIDs(let list) = dialog.actions.first else { return #expect(Bool(false)) }
        #expect(list.count == 100_000 && list.last?.value.text == "id100000")
        #expect(dialog.actions.last == .done(.uidl))
    }

    // MARK: Capabilities

    @Test("CAPA is read, and counts from then on")
    func capa() {
        var dialog = dialog([.capa])
        dialog.server(
            "+OK List follows\r\nTOP\r\nUSER\r\nSASL PLAIN XOAUTH2\r\nUIDL\r\nPIPELINING\r\nLOGIN-DELAY 900\r\nEXPIRE 60\r\nUTF8 USER\r\nSTLS\r\n.\r\n"
        )
        let capabilities = dialog.session.capabilities
        #expect(dialog.actions == [.capabilities(capabilities), .done(.capa)])
        #expect(capabilities.mechanisms == ["PLAIN", "XOAUTH2"])
        #expect(capabilities.hasTop && capabilities.hasUser && capabilities.hasUIDL && capabilities.hasPipelining)
        #expect(capabilities.hasUTF8 && capabilities.hasSTLS)
        #expect(capabilities.loginDelay == .seconds(900) && capabilities.expireDays == 60)
    }

    @Test("Of the connection's beginning the last reply to CAPA counts")
    func transcript() {
        let text = """
            +OK Gpop ready for requests from 192.0.2.1 x\r
            +OK Capability list follows\r
            USER\r
            STLS\r
            .\r
            +OK Begin TLS\r
            +OK Capability list follows\r
            UIDL\r
            SASL PLAIN XOAUTH2 OAUTHBEARER\r
            .\r

            """
        let capabilities = POP3Capabilities(transcript: text.utf8)
        #expect(capabilities.names == ["UIDL", "SASL"])
        #expect(capabilities.mechanisms == ["PLAIN", "XOAUTH2", "OAUTHBEARER"])
        #expect(POP3Capabilities(transcript: "+OK ready\r\n-ERR what\r\n".utf8) == POP3Capabilities())
        #expect(POP3Capabilities(transcript: "".utf8) == POP3Capabilities())
    }

    // MARK: Refusals

    @Test("A refused message says nothing about the others, other refusals do")
    func refusals() {
        let rows: [(POP3Command, String, Failure.Scope, Failure.Retry)] = [
            (.retr(Self.one), "-ERR no such message", .message, .later(after: nil)),
            (.dele(Self.one), "-ERR already deleted", .message, .later(after: nil)),
            (.retr(Self.one), "-ERR [SYS/TEMP] try again", .message, .later(after: nil)),
            (.list, "-ERR [SYS/PERM] broken", .direction, .whenReconfigured(by: .tenantAdministrator)),
            (.uidl, "-ERR unknown command", .direction, .whenReconfigured(by: .operatorOfPostbote)),
            (.uidl, "-ERR [SYS/TEMP] busy", .direction, .later(after: nil)),
            (.stat, "-ERR what", .direction, .later(after: nil)),
        ]
        for (command, reply, scope, retry) in rows {
            var dialog = dialog([command])
            dialog.server(reply + "\r\n")
            #expect(dialog.failure?.scope == scope && dialog.failure?.retry == retry)
            #expect(
                dialog.failure?.serverLine == reply
                    && dialog.failure?.operation == "\(command)".prefix(4).uppercased())
            #expect(dialog.session.isReady)
        }
    }
}
