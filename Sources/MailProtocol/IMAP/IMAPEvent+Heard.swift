import MailModel

extension IMAPEvent {
    /// The response as a trace shows it: replies as they came, the rest as it was understood, so that nothing of a message
    /// can be in it. `nil` for the pieces of a message, which its FETCH response counts.
    public var heard: String? {
        switch self {
        case .continuation(let octets): "+ " + HeardLines.challenge(octets)
        case .tagged(let tag, let reply): "\(tag) \(reply.line)"
        case .untagged(let response): "* " + response.heard
        case .fetched(let fetch): "* " + fetch.heard
        case .bodyBegan, .bodyBytes, .bodyEnded: nil
        // Out of step it may be a piece of a message.
        case .garbled(let line): HeardLines.size(line.utf8.count, of: "that are not IMAP")
        }
    }
}

extension IMAPResponse {
    fileprivate var heard: String {
        switch self {
        case .status(let reply): return reply.line
        case .capability(let capabilities): return "CAPABILITY \(capabilities)"
        case .enabled(let names): return "ENABLED \(names.sorted().joined(separator: " "))"
        case .list(let entry):
            let attributes = entry.attributes.sorted().map { "\\\($0)" }.joined(separator: " ")
            let delimiter = entry.delimiter.map { "\"\(Character(Unicode.Scalar($0)))\"" } ?? "NIL"
            return "LIST (\(attributes)) \(delimiter) \"\(entry.mailbox)\""
        case .mailboxStatus(let status): return status.heard
        case .search(let uids): return uids.isEmpty ? "SEARCH" : "SEARCH \(uids)"
        case .extendedSearch(let search): return search.all.isEmpty ? "ESEARCH" : "ESEARCH ALL \(search.all)"
        case .flags(let flags): return "FLAGS \(flags)"
        case .exists(let count): return "\(count) EXISTS"
        case .recent(let count): return "\(count) RECENT"
        case .expunge(let number): return "\(number) EXPUNGE"
        case .vanished(let uids, let earlier): return "VANISHED \(earlier ? "(EARLIER) " : "")\(uids)"
        case .id(let fields):
            let pairs = fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\" \"\($0.value)\"" }
            return "ID (\(pairs.joined(separator: " ")))"
        case .namespace: return "NAMESPACE"
        // Nobody knows what it is about.
        case .other(let keyword, let line): return "\(keyword) " + HeardLines.size(line.utf8.count)
        }
    }
}

extension IMAPMailboxStatus {
    fileprivate var heard: String {
        let items: [String?] = [
            messages.map { "MESSAGES \($0)" }, uidNext.map { "UIDNEXT \($0)" },
            uidValidity.map { "UIDVALIDITY \($0)" }, unseen.map { "UNSEEN \($0)" },
            highestModSeq.map { "HIGHESTMODSEQ \($0)" }, mailboxID.map { "MAILBOXID (\($0))" },
        ]
        return "STATUS \"\(mailbox)\" (\(items.compactMap(\.self).joined(separator: " ")))"
    }
}

extension IMAPFetch {
    fileprivate var heard: String {
        var items: [String?] = [
            uid.map { "UID \($0)" }, flags.map { "FLAGS \($0)" }, internalDate.map { "INTERNALDATE \($0)" },
            size.map { "RFC822.SIZE \($0)" }, modSeq.map { "MODSEQ (\($0))" }, emailID.map { "EMAILID (\($0))" },
            gmailMessageID.map { "X-GM-MSGID \($0)" }, gmailLabels.map { "X-GM-LABELS [\($0.count) labels]" },
        ]
        items += sections.map { section in
            "\(section.section) " + (section.bytes == nil ? "NIL" : HeardLines.size(section.octets))
        }
        switch body {
        case .absent: break
        case .none: items.append("BODY[] NIL")
        case .streamed(let octets): items.append("BODY[] " + HeardLines.size(octets))
        }
        return "\(sequenceNumber) FETCH (\(items.compactMap(\.self).joined(separator: " ")))"
    }
}
