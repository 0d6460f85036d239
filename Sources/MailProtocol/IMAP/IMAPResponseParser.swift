import Diagnostics
import MailModel

#if canImport(Glibc)
    import Glibc
#endif

/// Turns what an IMAP server sends into events: chunks in, in whatever pieces the network made of them, events out.
///
/// ```swift
/// parser.feed(chunk)
/// while let event = try parser.next() { … }
/// ```
///
/// Whole messages are never held: their octets come as slices of the chunks. Lines and small literals are held up to
/// `IMAPLimits`. After it threw once it throws the same again: a connection out of step is closed, not reused.
public struct IMAPResponseParser: Sendable {
    /// Where on the wire the first chunk begins.
    public enum Start: Sendable {
        /// At the beginning of a line.
        case line
        /// Perhaps within a line. libcurl, which opens the connection, drops what the server sent in one piece with its
        /// last capability reply: the first line is taken only if it is a response on its face, and dropped otherwise,
        /// even when it seems to announce a literal.
        case fragment
    }

    enum State: Sendable {
        /// Within a line; what came of it so far is in `held`. Exits: all others.
        case line
        /// Within a literal that is kept in `held`. Exit: `line`.
        case literal(remaining: Int)
        /// Within a part of a message, kept in `section`. Exit: `line`.
        case section(remaining: Int)
        /// Within a whole message. Exit: `line`.
        case body(remaining: Int)
        /// A message that came as a quoted string is to be handed out. Exit: `body` with nothing remaining.
        case quotedBody([UInt8])
        /// Within a SEARCH response, kept in `numbers`. Exit: `line`.
        case numbers
        /// Out of step. No exit.
        case failed(Failure)
    }

    /// What one step did.
    enum Progress {
        case event(IMAPEvent)
        case again
        /// The chunk is used up.
        case starved
    }

    let limits: IMAPLimits
    var state = State.line
    var chunk: [UInt8] = []
    /// What of the chunk is used up.
    var position = 0
    /// The beginning of a response whose rest has not come: a line, or lines and literals.
    var held: [UInt8] = []
    /// Where in `held` its last line begins.
    var heldLine = 0
    var heldLiterals = 0
    /// The FETCH response being read.
    var fetch: IMAPFetch?
    var section: IMAPSection.Content?
    private var numbers = IMAPNumbers()
    private var isFragment: Bool
    private var garbledLines = 0

    public init(limits: IMAPLimits = IMAPLimits(), start: Start = .line) {
        self.limits = limits
        isFragment = start == .fragment
    }

    /// Gives the parser what was read. Call `next()` until it returns `nil` before the next chunk, so that nothing is copied.
    public mutating func feed(_ octets: [UInt8]) {
        chunk = position == chunk.count ? octets : Array(chunk[position...]) + octets
        position = 0
    }

    /// The next event, or `nil` when more octets are needed.
    ///
    /// - Throws: when the server exceeds a limit or sends what cannot be IMAP. The connection must be closed.
    public mutating func next() throws(Failure) -> IMAPEvent? {
        do {
            while true {
                switch try step() {
                case .event(let event): return event
                case .again: continue
                case .starved:
                    releaseChunk()
                    return nil
                }
            }
        } catch {
            state = .failed(error)
            throw error
        }
    }

    /// Whether everything fed so far belonged to complete responses: a connection that ends here ends cleanly.
    public var isBetweenResponses: Bool {
        guard case .line = state else { return false }
        return held.isEmpty && fetch == nil && position == chunk.count
    }

    private mutating func step() throws(Failure) -> Progress {
        switch state {
        case .line: return try readLine()
        case .literal(let remaining): return readLiteral(remaining)
        case .section(let remaining): return readSection(remaining)
        case .body(let remaining): return readBody(remaining)
        case .quotedBody(let text):
            state = .body(remaining: 0)
            return text.isEmpty ? .again : .event(.bodyBytes(text[...]))
        case .numbers: return try readNumbers()
        case .failed(let failure): throw failure
        }
    }

    /// An idle connection holds no buffer.
    private mutating func releaseChunk() {
        chunk = []
        position = 0
    }
}

// MARK: Lines

extension IMAPResponseParser {
    private mutating func readLine() throws(Failure) -> Progress {
        guard position < chunk.count else { return .starved }
        if let lineFeed = lineFeed() {
            return held.isEmpty ? try readLineInChunk(to: lineFeed) : try readHeldLine(to: lineFeed)
        }
        held += chunk[position...]
        position = chunk.count
        if isSearchResponse(held, 0) { return beginNumbers() }
        try check(length: held.count - heldLine, of: held, from: 0)
        return .starved
    }

    private mutating func readLineInChunk(to lineFeed: Int) throws(Failure) -> Progress {
        if isSearchResponse(chunk, position) { return beginNumbers() }
        try check(length: lineFeed - position, of: chunk, from: position)
        let line = IMAPResponseLine(chunk, start: position, lastLine: position, lineFeed: lineFeed)
        position = lineFeed + 1
        return try read(line)
    }

    private mutating func readHeldLine(to lineFeed: Int) throws(Failure) -> Progress {
        held += chunk[position...lineFeed]
        position = lineFeed + 1
        if isSearchResponse(held, 0) { return beginNumbers() }
        try check(length: held.count - 1 - heldLine, of: held, from: 0)
        let line = IMAPResponseLine(held, start: 0, lastLine: heldLine, lineFeed: held.count - 1)
        held = []
        heldLine = 0
        return try read(line)
    }

    private func lineFeed() -> Int? {
        chunk.withUnsafeBytes { octets in
            guard let base = octets.baseAddress else { return nil }
            return memchr(base + position, 0x0A, octets.count - position).map { UnsafeRawPointer($0) - base }
        }
    }

    private func check(length: Int, of bytes: [UInt8], from start: Int) throws(Failure) {
        guard length > limits.line else { return }
        // Only what holds a set of UIDs may be longer.
        var search = IMAPCursor(bytes, from: start)
        var vanished = search
        let isSet = fetch == nil && (search.takesUntagged("ESEARCH") || vanished.takesUntagged("VANISHED"))
        guard isSet, length <= limits.setLine else { throw .overLimit("octets of a line") }
    }

    private mutating func read(_ line: IMAPResponseLine) throws(Failure) -> Progress {
        guard fetch == nil else { return try readAttributes(line) }
        let isFirst = isFragment
        isFragment = false
        let progress = try readResponse(line, isFirst: isFirst)
        if case .event(.tagged) = progress { garbledLines = 0 }
        guard case .event(.garbled) = progress else { return progress }
        if isFirst { return .again }
        garbledLines += 1
        guard garbledLines <= limits.garbledLines else { throw .overLimit("lines that are not IMAP") }
        return progress
    }

    /// Keeps the response and the literal that follows it.
    mutating func hold(_ line: IMAPResponseLine, literal octets: UInt64) throws(Failure) -> Progress {
        heldLiterals += 1
        guard heldLiterals <= limits.literals else { throw .overLimit("literals in a response") }
        let kept = line.next - line.start
        guard octets <= UInt64(limits.response), kept + Int(octets) <= limits.response else {
            throw .overLimit("octets of a response")
        }
        held =
            line.start == 0 && line.next == line.bytes.count ? line.bytes : Array(line.bytes[line.start..<line.next])
        heldLine = held.count
        state = octets == 0 ? .line : .literal(remaining: Int(octets))
        return .again
    }

    private mutating func readLiteral(_ remaining: Int) -> Progress {
        let count = min(remaining, chunk.count - position)
        guard count > 0 else { return .starved }
        held += chunk[position..<position + count]
        position += count
        heldLine = held.count
        state = remaining == count ? .line : .literal(remaining: remaining - count)
        return .again
    }
}

// MARK: Bodies

extension IMAPResponseParser {
    private mutating func readBody(_ remaining: Int) -> Progress {
        guard remaining > 0 else {
            state = .line
            return .event(.bodyEnded)
        }
        let count = min(remaining, chunk.count - position)
        guard count > 0 else { return .starved }
        defer { position += count }
        state = .body(remaining: remaining - count)
        return .event(.bodyBytes(chunk[position..<position + count]))
    }

    private mutating func readSection(_ remaining: Int) -> Progress {
        let count = min(remaining, chunk.count - position)
        guard remaining == 0 || count > 0 else { return .starved }
        let room = limits.section - (section?.bytes?.count ?? 0)
        section?.bytes?.append(contentsOf: chunk[position..<position + min(count, room)])
        position += count
        state = .section(remaining: remaining - count)
        guard remaining == count else { return .again }
        if let section { fetch?.sections.append(section) }
        section = nil
        state = .line
        return .again
    }
}

// MARK: SEARCH

extension IMAPResponseParser {
    /// Decided on the first octets, so that the split of the chunks makes no difference.
    private func isSearchResponse(_ bytes: [UInt8], _ start: Int) -> Bool {
        guard fetch == nil, heldLine == 0 else { return false }
        var cursor = IMAPCursor(bytes, from: start)
        return cursor.takesUntagged("SEARCH")
    }

    private mutating func beginNumbers() -> Progress {
        isFragment = false
        // What is held goes back in front: it is this line's beginning.
        if !held.isEmpty {
            chunk = held + chunk[position...]
            position = 0
            held = []
        }
        var cursor = IMAPCursor(chunk, from: position)
        _ = cursor.takesUntagged("SEARCH")
        position = cursor.position
        numbers = IMAPNumbers()
        state = .numbers
        return .again
    }

    private mutating func readNumbers() throws(Failure) -> Progress {
        guard position < chunk.count else { return .starved }
        let end = lineFeed() ?? chunk.count
        try numbers.read(chunk, position..<end, limit: limits.searchResults)
        position = min(end + 1, chunk.count)
        guard end < chunk.count else { return .starved }
        state = .line
        let found = try numbers.finish(limit: limits.searchResults)
        numbers = IMAPNumbers()
        return .event(.untagged(.search(found)))
    }
}
