import Diagnostics
import Glibc
import MailModel

/// Checks a message that is to be sent and makes it fit, while it streams by: the header is held, the body never.
///
/// What comes out has CRLF line ends only, exactly one From, a Date and a Message-ID, and neither Bcc nor
/// Return-Path. Refused is what cannot be sent or would not mean what its author saw: NUL, a carriage return inside a
/// header line, no or an unreadable From, unreadable recipients, none or too many of them, a header over
/// `SMTPLimits.header`. A header that is not UTF-8 is read as Windows-1252 and written in UTF-8.
public struct MessageIntake: Sendable {
    private let options: IntakeOptions
    private var header = IntakeHeader()
    /// Octets of the header that are not yet read as lines.
    private var held: [UInt8] = []
    /// So many of them hold no line end.
    private var searched = 0
    private var headerSize = 0
    private var isInHeader = true
    private var isFirstLine = true
    private var isEmpty = true
    private var lines = CanonicalLines(doublesDots: false)
    private var loneDot = LoneDot()
    private var measured = LineMeasure()
    private var message: OutgoingMessage?

    public init(_ options: IntakeOptions) { self.options = options }

    /// Whether a lone dot has ended the message; what follows is not read.
    public var hasEnded: Bool { options.loneDotEndsMessage && loneDot.isFound }

    /// Takes the next piece of the message, and appends what is to be stored to `output`.
    ///
    /// - Throws: the reason why the message is refused; `.message`, `.never`.
    public mutating func push(_ piece: ArraySlice<UInt8>, into output: inout [UInt8]) throws(Failure) {
        guard !hasEnded else { return }
        let piece = options.loneDotEndsMessage ? loneDot.filter(piece)[...] : piece
        guard !MessageIntake.hasNUL(piece) else {
            throw MessageIntake.refused(
                "The message has a NUL octet in it, which mail cannot carry. Encode it as base64.")
        }
        let start = output.count
        if !piece.isEmpty { isEmpty = false }
        if isInHeader {
            held += piece
            try readHeader(into: &output)
        } else {
            piece.withUnsafeBytes { lines.push($0, into: &output) }
        }
        try measure(output[start...])
    }

    /// Ends the message, and appends the rest of what is to be stored to `output`.
    ///
    /// - Throws: the reason why the message is refused; `.message`, `.never`.
    public mutating func finish(into output: inout [UInt8]) throws(Failure) -> OutgoingMessage {
        // What names its recipients itself cannot be meant to be empty: whoever should have written it has failed.
        guard !isEmpty || !options.recipients.isEmpty else {
            throw MessageIntake.refused("The message is empty. Look at the program that should have written it.")
        }
        let start = output.count
        if isInHeader {
            if !held.isEmpty { held.append(.lineFeed) }
            try readHeader(into: &output)
        }
        if isInHeader { try endHeader(into: &output) }
        lines.finish(into: &output)
        try measure(output[start...])
        guard var message else { throw MessageIntake.refused("The message has no header.") }
        message.size = measured.size
        message.longestLine = measured.longest
        message.is8Bit = measured.is8Bit
        return message
    }

    static func refused(_ reason: String) -> Failure {
        Failure(.message, .never, operation: "accept message", reason: reason)
    }

    private static func hasNUL(_ piece: ArraySlice<UInt8>) -> Bool {
        piece.withUnsafeBytes { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        }
    }

    private mutating func measure(_ stored: ArraySlice<UInt8>) throws(Failure) {
        measured.push(stored)
        guard let limit = options.maximumSize, measured.size > limit else { return }
        throw MessageIntake.refused("The message is larger than the \(limit) octets that are accepted.")
    }

    // MARK: Header

    private enum Line { case field, blank, body }

    private mutating func readHeader(into output: inout [UInt8]) throws(Failure) {
        var position = 0
        while isInHeader, let lineFeed = held[max(position, searched)...].firstIndex(of: .lineFeed) {
            let whole = held[position..<lineFeed]
            // `CR CR LF` is one line end, as in the body.
            let line = whole[..<(whole.lastIndex { $0 != .carriageReturn }.map { $0 + 1 } ?? whole.startIndex)]
            let kind = try read(line)
            if kind != .body { position = lineFeed + 1 }
            if kind != .field { try endHeader(into: &output) }
        }
        headerSize += position
        held.removeFirst(position)
        searched = held.count
        if !isInHeader {
            held.withUnsafeBytes { lines.push($0, into: &output) }
            held = []
        } else if headerSize + held.count > SMTPLimits.header {
            throw MessageIntake.refused("The header is larger than \(SMTPLimits.header) octets.")
        }
    }

    /// What is neither a field nor blank is the body's first line, as Postfix has it.
    private mutating func read(_ line: ArraySlice<UInt8>) throws(Failure) -> Line {
        defer { isFirstLine = false }
        guard !line.isEmpty else { return .blank }
        // The separator of mbox files.
        if isFirstLine, line.starts(with: Array("From ".utf8)) || line.starts(with: Array(">From ".utf8)) {
            return .field
        }
        let continues = line.first?.isBlank == true && !header.fields.isEmpty
        guard continues || IntakeHeader.isFieldStart(line) else { return .body }
        try header.append(line: line)
        return .field
    }

    private mutating func endHeader(into output: inout [UInt8]) throws(Failure) {
        isInHeader = false
        message = try header.complete(options)
        output += header.bytes
        header = IntakeHeader()
    }
}
