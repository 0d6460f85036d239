import Glibc

/// Finds the end of a message's header and the few fields of it that Postbote reads, while the message streams by.
///
/// It copies only those fields' values, at most `Limits.keptHeader` octets, so that a header of any size costs
/// bounded memory. One scanner can read many messages one after another; `reset()` keeps its buffers.
public struct HeaderScanner: Sendable {
    /// Whether the blank line after the header has been read.
    public private(set) var isComplete = false

    private var headers = MessageHeaders()
    /// The line that a chunk cut off, until the rest of it arrives.
    private var cutLine: [UInt8] = []
    /// The line that a chunk cut off is longer than what is kept.
    private var cutLineIsTooLong = false
    private let limit: Int

    public init() { self.init(limit: Limits.keptHeader) }

    package init(limit: Int) { self.limit = limit }

    /// For a header of that many octets, nearly all of which are fields that are kept.
    init(reserving octets: Int) {
        self.init()
        headers = MessageHeaders(reserving: min(octets, limit))
    }

    /// Begins with a new message.
    public mutating func reset() {
        headers = MessageHeaders()
        cutLine.removeAll(keepingCapacity: true)
        cutLineIsTooLong = false
        isComplete = false
    }

    /// Reads the next chunk of the message. What follows the header is not looked at.
    public mutating func push(_ chunk: ArraySlice<UInt8>) { chunk.withUnsafeBytes { push($0) } }

    /// Reads the next chunk of the message. What follows the header is not looked at.
    public mutating func push(_ chunk: UnsafeRawBufferPointer) {
        guard var position = chunk.baseAddress else { return }
        let end = position + chunk.count
        while !isComplete, position < end {
            guard let found = memchr(position, CInt(UInt8.lineFeed), end - position) else {
                return keep(UnsafeRawBufferPointer(start: position, count: end - position))
            }
            let line = UnsafeRawBufferPointer(start: position, count: UnsafeRawPointer(found) - position)
            position += line.count + 1
            headers.length += 1
            if cutLine.isEmpty {
                headers.length += line.count
                read(line)
            } else {
                keep(line)
                readCutLine()
            }
        }
    }

    /// What was found so far; of a message that ends without a blank line, everything.
    public mutating func finish() -> MessageHeaders {
        if !isComplete, !cutLine.isEmpty {
            readCutLine()
            // A lone carriage return at the end of the message is no blank line.
            isComplete = false
        }
        headers.hasEnd = isComplete
        return headers
    }

    private mutating func keep(_ part: UnsafeRawBufferPointer) {
        headers.length += part.count
        let room = limit - cutLine.count
        cutLine.append(contentsOf: part.prefix(room))
        if part.count > room { cutLineIsTooLong = true }
    }

    private mutating func readCutLine() {
        var line: [UInt8] = []
        swap(&line, &cutLine)
        line.withUnsafeBytes { read($0) }
        swap(&line, &cutLine)
        if cutLineIsTooLong { headers.noteCut() }
        cutLine.removeAll(keepingCapacity: true)
        cutLineIsTooLong = false
    }

    /// Reads one line, without its line feed.
    private mutating func read(_ line: UnsafeRawBufferPointer) {
        let hasReturn = line.last == .carriageReturn
        let text = UnsafeRawBufferPointer(rebasing: line.dropLast(hasReturn ? 1 : 0))
        guard let first = text.first else {
            isComplete = true
            return
        }
        // A line of white space only is part of the field before it, not the end (RFC 5322 §4.2).
        if first.isBlank { return headers.continueField(with: text, limit: limit) }
        guard let (field, value) = MessageHeaders.Field.begun(by: text) else { return headers.skipField() }
        headers.beginField(field, with: UnsafeRawBufferPointer(rebasing: text[value...]), limit: limit)
    }
}

extension MessageHeaders.Field {
    /// The field that `line` begins, and where its value starts; `nil` for all fields that nobody reads.
    fileprivate static func begun(by line: UnsafeRawBufferPointer) -> (MessageHeaders.Field, value: Int)? {
        switch line[0] | 0x20 {
        case UInt8(ascii: "d"): match(line, .date, "date") ?? match(line, .deliveredTo, "delivered-to")
        case UInt8(ascii: "f"): match(line, .from, "from")
        case UInt8(ascii: "l"): match(line, .listID, "list-id")
        case UInt8(ascii: "m"): match(line, .messageID, "message-id")
        case UInt8(ascii: "s"): match(line, .subject, "subject")
        case UInt8(ascii: "t"): match(line, .to, "to")
        default: nil
        }
    }

    private static func match(
        _ line: UnsafeRawBufferPointer, _ field: MessageHeaders.Field, _ name: StaticString
    ) -> (MessageHeaders.Field, value: Int)? {
        let length = name.utf8CodeUnitCount
        guard line.count > length else { return nil }
        for index in 0..<length where line[index].inASCIILowerCase != name.utf8Start[index] { return nil }
        // White space before the colon is obsolete and found (RFC 5322 §4.5).
        var colon = length
        while colon < line.count, line[colon].isBlank { colon += 1 }
        guard colon < line.count, line[colon] == UInt8(ascii: ":") else { return nil }
        return (field, colon + 1)
    }
}
