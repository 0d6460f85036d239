import Diagnostics
import MailModel

/// Reads the data of untagged responses, keyword by keyword (RFC 3501 §7.2, §7.3, and the extensions' own).
///
/// `nil` means that the line is not as its keyword promises.
struct IMAPUntaggedReader {
    private(set) var cursor: IMAPCursor
    let limits: IMAPLimits

    /// - Parameter cursor: behind the keyword and its spaces.
    init(_ cursor: IMAPCursor, limits: IMAPLimits) {
        self.cursor = cursor
        self.limits = limits
    }

    mutating func response(_ keyword: String) throws(Failure) -> IMAPResponse? {
        switch keyword {
        case "CAPABILITY": return .capability(IMAPCapabilities(try names()))
        case "ENABLED": return .enabled(Set(try names().map { $0.uppercased() }))
        case "LIST", "LSUB", "XLIST": return list().map(IMAPResponse.list)
        case "STATUS": return status().map(IMAPResponse.mailboxStatus)
        // Mostly the one without results; the parser reads the others as they come.
        case "SEARCH": return .search(try numbers())
        case "ESEARCH": return extendedSearch().map(IMAPResponse.extendedSearch)
        case "FLAGS": return cursor.flags(limit: limits.listElements).map(IMAPResponse.flags)
        case "VANISHED": return vanished()
        case "ID": return id().map(IMAPResponse.id)
        case "NAMESPACE": return namespace().map(IMAPResponse.namespace)
        default: return .other(keyword: keyword, line: cursor.rest.text)
        }
    }

    private mutating func names() throws(Failure) -> [String] {
        guard let names = cursor.names(limit: limits.capabilities) else { throw .overLimit("capabilities") }
        return names
    }

    private func numbers() throws(Failure) -> UIDSet {
        var numbers = IMAPNumbers()
        try numbers.read(cursor.bytes, cursor.position..<cursor.end, limit: limits.searchResults)
        return try numbers.finish(limit: limits.searchResults)
    }

    private mutating func list() -> IMAPListEntry? {
        guard let attributes = cursor.astrings(limit: limits.listElements) else { return nil }
        cursor.skipSpaces()
        guard let delimiter = cursor.delimiter() else { return nil }
        cursor.skipSpaces()
        guard let name = mailbox() else { return nil }
        let lowercased = attributes.map { $0.filter { $0 != UInt8(ascii: "\\") }[...].text.lowercased() }
        return IMAPListEntry(mailbox: name, attributes: Set(lowercased), delimiter: delimiter)
    }

    /// Exchange leaves names with tabs and other control characters unquoted: then all up to the end is the name,
    /// or up to a list, which is extended data (RFC 5258 §6) or STATUS's own.
    private mutating func mailbox() -> IMAPMailboxName? {
        switch cursor.current {
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "~"):
            return cursor.string().map { IMAPMailboxName(raw: $0) }
        default:
            var name = cursor.rest
            if let list = name.indices.first(where: { name[$0...].starts(with: [0x20, 0x28]) }) {
                name = name[..<list]
            }
            cursor = IMAPCursor(cursor.bytes, from: name.endIndex, to: cursor.end)
            while name.last == 0x20 { name.removeLast() }
            return name.isEmpty ? nil : IMAPMailboxName(raw: Array(name))
        }
    }

    private mutating func status() -> IMAPMailboxStatus? {
        guard let name = mailbox() else { return nil }
        cursor.skipSpaces()
        guard cursor.takes("(") else { return nil }
        var status = IMAPMailboxStatus(mailbox: name)
        while true {
            cursor.skipSpaces()
            if cursor.takes(")") || cursor.isAtEnd { return status }
            let item = cursor.word()
            guard !item.isEmpty else { return nil }
            cursor.skipSpaces()
            guard readStatusItem(item, into: &status) else { return nil }
        }
    }

    private mutating func readStatusItem(_ item: Range<Int>, into status: inout IMAPMailboxStatus) -> Bool {
        let name = cursor.keyword(item)
        if name == "MAILBOXID" {
            status.mailboxID = cursor.objectID()
            return true
        }
        guard let number = cursor.number() else { return cursor.skipValue(nesting: limits.nesting) == .whole }
        switch name {
        case "MESSAGES": status.messages = UInt32(exactly: number)
        case "RECENT": status.recent = UInt32(exactly: number)
        case "UIDNEXT": status.uidNext = UInt32(exactly: number).flatMap { UID($0) }
        case "UIDVALIDITY": status.uidValidity = UInt32(exactly: number).map { UIDValidity($0) }
        case "UNSEEN": status.unseen = UInt32(exactly: number)
        case "HIGHESTMODSEQ": status.highestModSeq = number
        case "SIZE": status.size = number
        default: break
        }
        return true
    }

    private mutating func extendedSearch() -> IMAPExtendedSearch? {
        var search = IMAPExtendedSearch()
        if cursor.current == UInt8(ascii: "(") {
            guard let correlator = cursor.astrings(limit: 8) else { return nil }
            search.tag = correlator.count > 1 ? IMAPTag(correlator[1][...]) : nil
        }
        while true {
            cursor.skipSpaces()
            guard !cursor.isAtEnd else { return search }
            let item = cursor.word()
            guard !item.isEmpty else { return nil }
            cursor.skipSpaces()
            guard readSearchItem(cursor.keyword(item), into: &search) else { return nil }
        }
    }

    private mutating func readSearchItem(_ name: String, into search: inout IMAPExtendedSearch) -> Bool {
        switch name {
        case "UID": search.isUID = true
        case "ALL":
            guard let all = cursor.uidSequence() else { return false }
            search.all = all.set
        case "MIN": search.min = cursor.number32()
        case "MAX": search.max = cursor.number32()
        case "COUNT": search.count = cursor.number32()
        case "MODSEQ": search.modSeq = cursor.number()
        default: return cursor.skipValue(nesting: limits.nesting) == .whole
        }
        return true
    }

    private mutating func vanished() -> IMAPResponse? {
        let isEarlier = cursor.current == UInt8(ascii: "(")
        if isEarlier, cursor.astrings(limit: 4) == nil { return nil }
        cursor.skipSpaces()
        return cursor.uidSequence().map { .vanished($0.set, earlier: isEarlier) }
    }

    private mutating func id() -> [String: String]? {
        guard !cursor.takesNil() else { return [:] }
        guard cursor.takes("(") else { return nil }
        var fields: [String: String] = [:]
        for _ in 0...limits.listElements {
            cursor.skipSpaces()
            if cursor.takes(")") || cursor.isAtEnd { return fields }
            guard let name = cursor.astring() else { return nil }
            cursor.skipSpaces()
            if cursor.takesNil() { continue }
            guard let value = cursor.astring() else { return nil }
            fields[name[...].text.lowercased()] = value[...].text
        }
        return nil
    }

    private mutating func namespace() -> IMAPNamespace? {
        guard let personal = namespaceEntries(), let others = namespaceEntries(), let shared = namespaceEntries()
        else { return nil }
        return IMAPNamespace(personal: personal, otherUsers: others, shared: shared)
    }

    /// `(("INBOX." ".") …)` or NIL (RFC 2342 §6).
    private mutating func namespaceEntries() -> [IMAPNamespace.Entry]? {
        cursor.skipSpaces()
        guard !cursor.takesNil() else { return [] }
        guard cursor.takes("(") else { return nil }
        var entries: [IMAPNamespace.Entry] = []
        while true {
            cursor.skipSpaces()
            if cursor.takes(")") { return entries }
            guard entries.count < limits.listElements, let entry = namespaceEntry() else { return nil }
            entries.append(entry)
        }
    }

    private mutating func namespaceEntry() -> IMAPNamespace.Entry? {
        guard cursor.takes("("), let prefix = cursor.string() else { return nil }
        cursor.skipSpaces()
        guard let delimiter = cursor.delimiter() else { return nil }
        while true {
            cursor.skipSpaces()
            if cursor.takes(")") { break }
            guard cursor.skipValue(nesting: limits.nesting) == .whole, !cursor.isAtEnd else { return nil }
        }
        return IMAPNamespace.Entry(prefix: IMAPMailboxName(raw: prefix), delimiter: delimiter)
    }
}
