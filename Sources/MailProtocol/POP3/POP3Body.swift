import Diagnostics
import MailModel

/// The lines of one multi-line reply while they come.
struct POP3Body: Sendable {
    let command: POP3Command
    /// What CAPA has said so far.
    var capabilities: POP3Capabilities { POP3Capabilities(lines: capabilityLines) }
    var isOver: Bool { unstuffer.isOver }

    private var unstuffer: DotUnstuffer
    /// The line that has not ended yet.
    private var line: [UInt8] = []
    private var capabilityLines: [String] = []
    private var count = 0
    /// Octets of the lines so far, as they came.
    private(set) var octets = 0

    init(_ command: POP3Command, endsLinesWithLineFeed: Bool) {
        self.command = command
        unstuffer = DotUnstuffer(endsLinesWithLineFeed: endsLinesWithLineFeed)
    }

    /// Appends what the octets say to `actions`; gives how many octets belonged to the reply.
    mutating func push(
        _ octets: UnsafeRawBufferPointer, into actions: inout [POP3Action]
    ) throws(Failure) -> Int {
        var content: [UInt8] = []
        content.reserveCapacity(octets.count)
        let used = unstuffer.push(octets, into: &content)
        self.octets += content.count
        switch command {
        case .retr, .top:
            if !content.isEmpty { actions.append(.content(content)) }
        case .list:
            let sizes = try entries(content) { Int64($0).flatMap { $0 >= 0 ? $0 : nil } }
            if !sizes.isEmpty { actions.append(.sizes(sizes)) }
        case .uidl:
            let uniqueIDs = try entries(content) { POP3UniqueID($0) }
            if !uniqueIDs.isEmpty { actions.append(.uniqueIDs(uniqueIDs)) }
        default:
            capabilityLines += try lines(content, limit: POP3Limits.capabilities)
        }
        return used
    }

    /// `number value` in each line (scan listing, RFC 1939 §5). A line that cannot be read ends the session: to leave
    /// it out would mean to leave out a message.
    private mutating func entries<Value>(
        _ content: [UInt8], _ read: (String) -> Value?
    ) throws(Failure) -> [POP3Listing<Value>] {
        var entries: [POP3Listing<Value>] = []
        for line in try lines(content, limit: POP3Limits.messages) {
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
            guard words.count >= 2, let number = Int(words[0]).flatMap({ POP3MessageNumber($0) }),
                let value = read(String(words[1]))
            else {
                throw POP3Session.outOfStep("Its reply to \(command.name) has a line that is no entry.")
            }
            entries.append(POP3Listing(number: number, value: value))
        }
        return entries
    }

    private mutating func lines(_ content: [UInt8], limit: Int) throws(Failure) -> [String] {
        var lines: [String] = []
        var rest = content[...]
        while let lineFeed = rest.firstIndex(of: .lineFeed) {
            line += rest[..<lineFeed]
            rest = rest[(lineFeed + 1)...]
            lines.append(String(decoding: line.trimmed, as: UTF8.self))
            line.removeAll(keepingCapacity: true)
        }
        line += rest
        count += lines.count
        guard line.count <= POP3Limits.listLine, count <= limit else {
            throw POP3Session.outOfStep("Its reply to \(command.name) is too long.")
        }
        return lines
    }
}
