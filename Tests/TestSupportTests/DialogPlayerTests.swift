import Testing

@testable import TestSupport

@Suite("A dialog")
struct DialogPlayerTests {
    /// What a player does when all of `events` happen to it, sends shown as text.
    private func play(_ text: String, _ events: [DialogPlayer.Event]) throws -> [DialogPlayer.Action] {
        var player = DialogPlayer(try Dialog(text))
        return ([.connected] + events).flatMap { player.handle($0) }
    }

    private func line(_ text: String) -> DialogPlayer.Event { .received(Array((text + "\r\n").utf8)) }
    private func send(_ text: String) -> DialogPlayer.Action { .send(Array(text.utf8)) }

    @Test(
        "says what its lines say",
        arguments: [
            ("S: * OK hi", "* OK hi\r\n"), ("S:", "\r\n"), ("S- half", "half"),
            ("S+ a\nS+ b\nS: c", "a\r\nb\r\nc\r\n"),
            ("S+ held", "held\r\n"), ("S- \\x41\\r\\n\\t\\\\", "A\r\n\t\\"), ("S- 5$$", "5$"), ("S= 3", "abc"),
            ("  S: indented", "indented\r\n"), ("# remark\n\nS: after", "after\r\n"), ("S+ a\nS- b", "a\r\nb"),
        ])
    func says(text: String, said: String) throws {
        #expect(try play(text, []) == [send(said), .finished])
    }

    @Test("goes on only when what it said before has left")
    func busy() throws {
        var player = DialogPlayer(try Dialog("S: one\nS: two"))
        #expect(player.handle(.connected) == [send("one\r\n")])
        #expect(player.handle(.proceed("x")).isEmpty)
        #expect(player.handle(.done) == [send("two\r\n"), .finished])
    }

    @Test(
        "takes a line that looks as expected, and ends on any other",
        arguments: [
            ("C: NOOP", "NOOP", true), ("C: NOOP", "NOOP ", false), ("C: NOOP", "noop", false), ("C:", "", true),
            ("C: $tag NOOP", "A1 NOOP", true), ("C: $tag NOOP", " NOOP", false), ("C: $tag NOOP", "A 1 NOOP", false),
            ("C: AUTH $*", "AUTH PLAIN a b", true), ("C: $* end", "a b end", true), ("C: $$5", "$5", true),
            ("C: <$name>", "<anna>", true), ("C: $a-$a", "x-x", true), ("C: $a-$a", "x-y", false),
        ])
    func lines(pattern: String, sent: String, fits: Bool) throws {
        let actions = try play(pattern + "\nS: next", [line(sent)])
        if fits {
            #expect(actions == [send("next\r\n"), .finished])
        } else {
            guard case .mismatch(let text) = actions.first else {
                Issue.record("no mismatch: \(actions)")
                return
            }
            #expect(text.hasPrefix("step 1: expected the line “\(pattern.dropFirst(3))”"))
            #expect(actions.last == .close)
        }
    }

    @Test("says again what the client said")
    func variables() throws {
        let text = "C: $tag LOGIN $user $*\nS: $tag OK $user $unknown"
        #expect(try play(text, [line("a1 LOGIN anna secret")]) == [send("a1 OK anna $unknown\r\n"), .finished])
    }

    @Test(
        "takes bytes, in pieces of any size",
        arguments: [
            ("C= 5", "12\r\n5"), ("C: $size\nC= $size", "3\r\nabc"), ("C.", "a\r\n..\r\n.\r\n"), ("C.", ".\r\n"),
            ("C/", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), ("C/", "\r\n"), ("C= 0", ""),
        ])
    func pieces(text: String, sent: String) throws {
        let bytes = Array(sent.utf8)
        for size in 1...max(1, bytes.count) {
            var player = DialogPlayer(try Dialog(text + "\nS: taken"))
            var actions = player.handle(.connected)
            for start in stride(from: 0, to: bytes.count, by: size) {
                #expect(actions.isEmpty, "taken before all of it came, in pieces of \(size)")
                actions += player.handle(.received(Array(bytes[start..<min(start + size, bytes.count)])))
            }
            #expect(actions == [send("taken\r\n"), .finished], "in pieces of \(size)")
            #expect(player.transcript.clientBytes == bytes)
        }
    }

    @Test("waits to be told, also when it is told before")
    func waits() throws {
        #expect(try play("WAIT go\nS: on", []).isEmpty)
        #expect(try play("WAIT go\nS: on", [.proceed("other")]).isEmpty)
        #expect(try play("WAIT go\nS: on", [.proceed("go")]) == [send("on\r\n"), .finished])
        let early = try play("C: a\nWAIT go\nS: on", [.proceed("go"), line("a")])
        #expect(early == [send("on\r\n"), .finished])
        let twice = try play("WAIT go\nWAIT go\nS: on", [.proceed("go")])
        #expect(twice.isEmpty)
    }

    @Test("reads nothing while it holds")
    func holds() throws {
        let actions = try play("HOLD go\nS: on", [.received([65]), .proceed("other"), .proceed("go")])
        #expect(actions == [.read(false), .read(true), send("on\r\n"), .finished])
        #expect(try play("HOLD go\nS: on", [.proceed("go")]).first == .read(false))
    }

    @Test(
        "ends as it says",
        arguments: [("CLOSE", DialogPlayer.Action.close), ("RESET", .reset), ("STALL", .read(false))])
    func ends(text: String, action: DialogPlayer.Action) throws {
        #expect(try play(text, []) == [action, .finished])
        #expect(try play(text + "\nS: never", [.done, line("x"), .ended]) == [action, .finished])
    }

    @Test("takes whatever comes until the client hangs up")
    func rest() throws {
        var player = DialogPlayer(try Dialog("REST"))
        #expect((player.handle(.connected) + player.handle(line("a")) + player.handle(line("b"))).isEmpty)
        #expect(player.handle(.ended) == [.finished])
        #expect(player.transcript.clientLines == ["a", "b"])
    }

    @Test("is broken by a client that hangs up early, or says more than expected")
    func broken() throws {
        for (text, events) in [("S: a\nC: b", [.done, .ended]), ("C: b", [.received([98]), .ended])]
            as [(String, [DialogPlayer.Event])]
        {
            guard case .mismatch(let said) = try play(text, events).last else {
                Issue.record("no mismatch in \(text)")
                continue
            }
            #expect(said.contains("the client hung up"))
        }
        let more = try play("C: a", [line("a"), line("b")])
        #expect(more.contains { if case .mismatch(let text) = $0 { text.contains("to hang up") } else { false } })
        let number = try play("C: $n\nC= $n", [line("many")])
        #expect(
            number.contains { if case .mismatch(let text) = $0 { text.contains("$n to be a number") } else { false } }
        )
    }

    @Test("starts TLS where it says")
    func tls() throws {
        #expect(try play("TLS\nS: safe", []) == [.startTLS])
        #expect(try play("TLS\nS: safe", [.done]) == [.startTLS, send("safe\r\n"), .finished])
    }

    @Test(
        "is not one when a line means nothing",
        arguments: [("S: a\nX: b", 2), ("S; a", 1), ("C= many", 1), ("S= ", 1), ("\n# x\nTLS now", 3), ("WAIT", 1)])
    func syntax(text: String, line: Int) throws {
        let error = #expect(throws: DialogSyntaxError.self) { try Dialog(text) }
        #expect(error?.line == line)
    }

    @Test("is cut after any of its steps")
    func cut() throws {
        let whole = try Dialog("S: a\nC: b\nS: c")
        #expect(whole.steps.count == 3)
        #expect(whole.hangingUp(after: 1) == (try Dialog("S: a\nCLOSE")))
        #expect(whole.stalling(after: 2) == (try Dialog("S: a\nC: b\nSTALL")))
        #expect(whole.hangingUp(after: 0) == (try Dialog("CLOSE")))
    }

    @Test("is filled with letters whose place can be told")
    func filler() {
        #expect(Filler.bytes(0).isEmpty)
        let bytes = Filler.bytes(5000)
        #expect(bytes.count == 5000)
        #expect(bytes[..<160] != bytes[80..<240])
        #expect(Filler.bytes(5001).starts(with: bytes))
    }
}
