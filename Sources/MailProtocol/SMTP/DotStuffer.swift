import MailModel

/// Makes a message's content fit for the wire: dots doubled at the start of lines (RFC 5321 §4.5.2), lines ended by
/// CRLF.
///
/// Intake has normalised the line ends already. Whatever comes in, no bare CR or LF goes out (RFC 5321 §2.3.8): a
/// server that takes one for a line end could be made to see the end of the message where there is none.
public struct DotStuffer: Sendable {
    /// What ends the content once `finish` has been called. It is sent alone, after the marker is durable.
    public static let finalDot: [UInt8] = Array(".\r\n".utf8)

    private var lines = CanonicalLines(doublesDots: true)

    public init() {}

    /// Appends the wire form of the next piece of the message to `output`.
    public mutating func push(_ piece: ArraySlice<UInt8>, into output: inout [UInt8]) {
        piece.withUnsafeBytes { push($0, into: &output) }
    }

    /// Appends the wire form of the next piece of the message to `output`.
    public mutating func push(_ piece: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        lines.push(piece, into: &output)
    }

    /// Ends the last line. `finalDot` is all that is missing then.
    public mutating func finish(into output: inout [UInt8]) { lines.finish(into: &output) }
}
