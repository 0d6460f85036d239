import Diagnostics
import MailModel

/// Reads what follows OK, NO, BAD, BYE and PREAUTH: a response code, if any, and text (RFC 3501 §9 `resp-text`).
struct IMAPReplyReader {
    private var cursor: IMAPCursor
    private let status: IMAPReply.Status
    private let line: String
    private let limits: IMAPLimits

    /// - Parameters:
    ///   - cursor: behind the status word.
    ///   - line: the whole line from the status word on.
    init(_ cursor: IMAPCursor, status: IMAPReply.Status, line: String, limits: IMAPLimits) {
        self.cursor = cursor
        self.status = status
        self.line = line
        self.limits = limits
    }

    mutating func reply() throws(Failure) -> IMAPReply {
        cursor.skipSpaces()
        let start = cursor
        guard cursor.takes("["), let code = try code() else {
            return IMAPReply(status, text: start.rest.text, line: line)
        }
        cursor.skipSpaces()
        return IMAPReply(status, code: code, text: cursor.rest.text, line: line)
    }

    /// Behind `[`; leaves the cursor behind `]`. `nil` when the bracket is never closed: then it is all text.
    private mutating func code() throws(Failure) -> IMAPResponseCode? {
        guard let close = closingBracket() else { return nil }
        cursor.skipSpaces()
        let name = cursor.keyword(cursor.word())
        var data = IMAPCursor(cursor.bytes, from: cursor.position, to: close)
        data.skipSpaces()
        let text = data.rest.text
        cursor = IMAPCursor(cursor.bytes, from: close + 1, to: cursor.end)
        if let bare = IMAPResponseCode.bare[name] { return bare }
        return try codeWithData(name, &data) ?? .other(name, text)
    }

    private func closingBracket() -> Int? {
        var index = cursor.position
        var isQuoted = false
        while index < cursor.end {
            switch cursor.bytes[index] {
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "]") where !isQuoted: return index
            default: break
            }
            index += 1
        }
        // A quotation mark that is never closed is no quotation mark.
        return isQuoted ? cursor.bytes[cursor.position..<cursor.end].firstIndex(of: UInt8(ascii: "]")) : nil
    }

    private func codeWithData(_ name: String, _ data: inout IMAPCursor) throws(Failure) -> IMAPResponseCode? {
        switch name {
        case "CAPABILITY":
            guard let names = data.names(limit: limits.capabilities) else { throw .overLimit("capabilities") }
            return .capability(IMAPCapabilities(names))
        case "PERMANENTFLAGS": return data.flags(limit: limits.listElements).map(IMAPResponseCode.permanentFlags)
        case "UIDNEXT": return data.number32().flatMap { UID($0) }.map(IMAPResponseCode.uidNext)
        case "UIDVALIDITY": return data.number32().map { .uidValidity(UIDValidity($0)) }
        case "UNSEEN": return data.number32().map(IMAPResponseCode.unseen)
        case "HIGHESTMODSEQ": return data.number().map(IMAPResponseCode.highestModSeq)
        case "MAILBOXID": return data.objectID().map(IMAPResponseCode.mailboxID)
        case "REFERRAL": return .referral(data.rest.text)
        case "APPENDUID": return appendUID(&data)
        case "COPYUID": return copyUID(&data)
        default: return nil
        }
    }

    private func appendUID(_ data: inout IMAPCursor) -> IMAPResponseCode? {
        guard let validity = data.number32() else { return nil }
        data.skipSpaces()
        return data.uidSequence().map { .appendUID(UIDValidity(validity), $0) }
    }

    /// Exchange sends `[COPYUID 55  ]` when it has nothing to say.
    private func copyUID(_ data: inout IMAPCursor) -> IMAPResponseCode? {
        guard let validity = data.number32() else { return nil }
        data.skipSpaces()
        if data.isAtEnd {
            return .copyUID(IMAPCopyUID(uidValidity: UIDValidity(validity), source: .init(), destination: .init()))
        }
        guard let source = data.uidSequence() else { return nil }
        data.skipSpaces()
        guard let destination = data.uidSequence() else { return nil }
        return .copyUID(
            IMAPCopyUID(uidValidity: UIDValidity(validity), source: source, destination: destination))
    }
}
