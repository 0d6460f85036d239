/// What a scripted server says and expects on one connection.
///
/// Written as text, one step a line; empty lines and lines that begin with `#` are left out:
///
///     S: * OK ready            the text and CRLF, written at once
///     S+ * SEARCH 1 2          the text and CRLF, in one write with the next S step
///     S- * 1 FETCH (UID        the text without a line end, written at once
///     S= 5000                  that many letters
///     C: $tag LOGIN $user $*   a line from the client: `$name` is a word, `$*` anything, `$$` a dollar
///     C= $size                 that many bytes from the client, as in a literal or a body; or `C= 120`
///     C.                       lines from the client through one that is a single dot
///     C/                       lines from the client through an empty one, as the head of an HTTP request
///     TLS                      the client starts TLS now
///     WAIT name                goes on when the test calls `proceed("name")`
///     HOLD name                the same, and reads nothing meanwhile: the client's bytes pile up
///     REST                     takes whatever the client sends until it hangs up
///     CLOSE                    hangs up
///     RESET                    hangs up without ceremony: the client sees a reset
///     STALL                    says nothing more, and reads nothing more
///
/// In S steps `$name` stands for what the client sent there before, and `\r`, `\n`, `\t`, `\\`, `\xHH` for bytes. After
/// the last step the client may only hang up.
public struct Dialog: Sendable, Hashable {
    public enum Step: Sendable, Hashable {
        case send([Piece])
        case expectLine(LinePattern)
        case expectBytes(Count)
        case expectThroughDot
        case expectThroughEmptyLine
        case startTLS
        case wait(String)
        case hold(String)
        case takeRest
        case close
        case reset
        case stall
    }

    /// A part of what is sent in one write.
    public enum Piece: Sendable, Hashable {
        case bytes([UInt8])
        case variable(String)
        case filler(Int)
    }

    public enum Count: Sendable, Hashable {
        case exactly(Int)
        case variable(String)
    }

    public var steps: [Step]

    public init(steps: [Step]) { self.steps = steps }

    /// - Throws: `DialogSyntaxError`.
    public init(_ text: String) throws {
        var parser = DialogParser()
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            try parser.take(String(line), number: number + 1)
        }
        steps = parser.finish()
    }

    /// The same up to step `count`, then a hang-up: for every count, what the client makes of it.
    public func hangingUp(after count: Int) -> Dialog { Dialog(steps: steps.prefix(count) + [.close]) }

    /// The same up to step `count`, then silence.
    public func stalling(after count: Int) -> Dialog { Dialog(steps: steps.prefix(count) + [.stall]) }
}
