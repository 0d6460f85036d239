/// A response as far as it has come: one line, or several with the literals between them that are kept.
struct IMAPResponseLine {
    var bytes: [UInt8]
    /// Where what is still to be read begins.
    var start: Int
    /// Where its last line begins: literals before it are not searched for line ends.
    var lastLine: Int
    /// The line end, not part of it.
    var end: Int
    /// Behind the line end.
    var next: Int

    /// - Parameter lineFeed: where the last line ends. A bare LF is accepted: some servers send it.
    init(_ bytes: [UInt8], start: Int, lastLine: Int, lineFeed: Int) {
        self.bytes = bytes
        self.start = start
        self.lastLine = lastLine
        next = lineFeed + 1
        end = lineFeed > lastLine && bytes[lineFeed - 1] == 0x0D ? lineFeed - 1 : lineFeed
    }

    var cursor: IMAPCursor { IMAPCursor(bytes, from: start, to: end) }
    var text: String { bytes[start..<end].text }

    /// The literal that begins at the end of the line (RFC 3501 §4.3): how many octets follow, and where `{` or `~{` is.
    var literal: (octets: UInt64, brace: Int)? {
        let floor = max(start, lastLine)
        var index = end - 1
        guard index > floor, bytes[index] == UInt8(ascii: "}") else { return nil }
        index -= 1
        if bytes[index] == UInt8(ascii: "+") { index -= 1 }
        while index >= floor, (0x30...0x39).contains(bytes[index]) { index -= 1 }
        guard index >= floor, bytes[index] == UInt8(ascii: "{") else { return nil }
        var cursor = IMAPCursor(bytes, from: index + 1, to: end)
        guard let octets = cursor.number() else { return nil }
        let isLiteral8 = index > floor && bytes[index - 1] == UInt8(ascii: "~")
        return (octets, isLiteral8 ? index - 1 : index)
    }

    /// Whether a literal at `brace` can be the value of `BODY[…]`, `BODY[…]<n>` or RFC822, which are not kept here.
    func mayBeBody(before brace: Int) -> Bool {
        var last = brace - 1
        while last > start, bytes[last] == 0x20 { last -= 1 }
        guard last >= start else { return false }
        if bytes[last] == UInt8(ascii: "]") || bytes[last] == UInt8(ascii: ">") { return true }
        var first = last
        while first > start, bytes[first - 1] != 0x20, bytes[first - 1] != UInt8(ascii: "(") { first -= 1 }
        let word = first..<last + 1
        return cursor.matches(word, "RFC822") || cursor.matches(word, "RFC822.HEADER")
            || cursor.matches(word, "RFC822.TEXT")
    }
}
