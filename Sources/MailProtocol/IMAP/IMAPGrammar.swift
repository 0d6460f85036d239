import MailModel

// The parts of responses that appear in several of them (RFC 3501 §9).

extension IMAPCursor {
    /// `(\Seen $Forwarded)`; `nil` when it is none, or longer than `limit`.
    mutating func flags(limit: Int) -> IMAPFlags? {
        guard takes("(") else { return nil }
        var flags = IMAPFlags()
        var count = 0
        while true {
            skipSpaces()
            if takes(")") { return flags }
            count += 1
            guard count <= limit, let flag = atom() else { return nil }
            let range = flag.startIndex..<flag.endIndex
            if let known = IMAPFlags.names.first(where: { matches(range, $0.name) }) {
                flags.system.insert(known.flag)
            } else {
                flags.keywords.append(flag.text)
            }
        }
    }

    /// `(a "b" {1}…)`; `nil` when it is none, or longer than `limit`.
    mutating func astrings(limit: Int) -> [[UInt8]]? {
        guard takes("(") else { return nil }
        var strings: [[UInt8]] = []
        while true {
            skipSpaces()
            if takes(")") { return strings }
            guard strings.count < limit, let string = astring() else { return nil }
            strings.append(string)
        }
    }

    /// `"/"` or NIL. The outer `nil` means that it is neither.
    mutating func delimiter() -> UInt8?? {
        if takesNil() { return .some(nil) }
        guard let quoted = string(), quoted.count <= 1 else { return nil }
        return .some(quoted.first)
    }

    /// `1:4,7,12:9`, in the order of the wire; 0 is none of the UIDs.
    mutating func uidSequence() -> IMAPUIDSequence? {
        var ranges: [ClosedRange<UInt32>] = []
        repeat {
            guard let first = number32(), first != 0 else { return nil }
            var last = first
            if takes(":") {
                guard let number = number32(), number != 0 else { return nil }
                last = number
            }
            ranges.append(min(first, last)...max(first, last))
        } while takes(",")
        return IMAPUIDSequence(ranges)
    }

    /// Space-separated names up to the end or a bracket; `nil` when there are more than `limit`.
    mutating func names(limit: Int) -> [String]? {
        var names: [String] = []
        while true {
            skipSpaces()
            guard !isAtEnd, current != UInt8(ascii: "]") else { return names }
            let name = word()
            if name.isEmpty { skip() } else { names.append(bytes[name].text) }
            guard names.count <= limit else { return nil }
        }
    }

    /// `(F1234)`, as RFC 8474 has ids; Dovecot and others also send it bare.
    mutating func objectID() -> String? {
        let isListed = takes("(")
        skipSpaces()
        guard let id = astring() else { return nil }
        skipSpaces()
        if isListed { _ = takes(")") }
        return id[...].text
    }
}
