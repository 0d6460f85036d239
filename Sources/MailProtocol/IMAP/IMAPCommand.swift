import Diagnostics
import MailModel

/// A command before it has a tag: what to say, and which of it are strings that may have to go as literals.
public struct IMAPCommand: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        /// Goes as it is.
        case text(String)
        /// Octets that go quoted, or as a literal where they cannot be quoted (RFC 3501 §4.3).
        case string([UInt8])
        /// A password: as a string, and not to be seen.
        case secret(Secret)
    }

    public let operation: IMAPOperation
    let parts: [Part]

    init(_ operation: IMAPOperation, _ parts: [Part]) {
        self.operation = operation
        self.parts = parts
    }

    init(_ operation: IMAPOperation, _ text: String) { self.init(operation, [.text(text)]) }

    var isIdle: Bool { operation == .idle }
}

// MARK: Any state, and signing in (RFC 3501 §6.1, §6.2)

extension IMAPCommand {
    public static let capability = IMAPCommand(.other, "CAPABILITY")
    public static let noop = IMAPCommand(.other, "NOOP")
    public static let logout = IMAPCommand(.other, "LOGOUT")
    /// RFC 2342.
    public static let namespace = IMAPCommand(.other, "NAMESPACE")
    /// RFC 2177. The pipeline ends it with `DONE`.
    public static let idle = IMAPCommand(.idle, "IDLE")
    /// RFC 3691: leaves the folder without removing anything.
    public static let unselect = IMAPCommand(.other, "UNSELECT")

    /// RFC 2971: tells who we are, name before value; nothing at all is told with an empty list.
    public static func id(_ fields: [(name: String, value: String)]) -> IMAPCommand {
        guard !fields.isEmpty else { return IMAPCommand(.other, "ID NIL") }
        let strings = fields.prefix(30).flatMap { [$0.name, $0.value] }
        var parts: [Part] = [.text("ID (")]
        for (index, string) in strings.enumerated() {
            if index > 0 { parts.append(.text(" ")) }
            parts.append(.string(Array(string.utf8)))
        }
        return IMAPCommand(.other, parts + [.text(")")])
    }

    /// RFC 5161. Only for what the server advertises, and before a folder is selected; never for IMAP4rev2, which
    /// Exchange was seen to offer without being able to search in it.
    public static func enable(_ capabilities: [String]) -> IMAPCommand {
        IMAPCommand(.other, "ENABLE " + capabilities.joined(separator: " "))
    }

    /// The LOGIN command, for servers without any SASL mechanism for passwords.
    public static func login(user: String, password: Secret) -> IMAPCommand {
        IMAPCommand(.signIn, [.text("LOGIN "), .string(Array(user.utf8)), .text(" "), .secret(password)])
    }
}

// MARK: Folders (RFC 3501 §6.3)

extension IMAPCommand {
    /// All folders that match `pattern`, in which `*` is anything and `%` anything up to the hierarchy delimiter.
    /// With LIST-EXTENDED the server says which are subscribed (RFC 5258 §3), and with SPECIAL-USE beside it the roles
    /// (RFC 6154 §3), which most tell anyway.
    public static func list(_ pattern: String = "*", capabilities: IMAPCapabilities) -> IMAPCommand {
        var asked = ""
        if capabilities.hasListExtended {
            asked = capabilities.hasSpecialUse ? " RETURN (SUBSCRIBED SPECIAL-USE)" : " RETURN (SUBSCRIBED)"
        }
        return IMAPCommand(.list, [.text("LIST \"\" "), .string(ModifiedUTF7.encode(pattern)), .text(asked)])
    }

    /// The subscribed folders, where LIST does not tell them. Exchange in revision 2 refuses it.
    public static func listSubscribed(_ pattern: String = "*") -> IMAPCommand {
        IMAPCommand(.list, [.text("LSUB \"\" "), .string(ModifiedUTF7.encode(pattern))])
    }

    public static func select(_ mailbox: IMAPMailboxName) -> IMAPCommand {
        IMAPCommand(.select, [.text("SELECT "), .string(mailbox.raw)])
    }

    /// SELECT for reading only: nothing loses its \Recent.
    public static func examine(_ mailbox: IMAPMailboxName) -> IMAPCommand {
        IMAPCommand(.select, [.text("EXAMINE "), .string(mailbox.raw)])
    }

    /// What tells the mailbox from others; counting its messages would cost the server more. Not for the one that is
    /// selected (RFC 3501 §6.3.10).
    public static func status(_ mailbox: IMAPMailboxName, capabilities: IMAPCapabilities) -> IMAPCommand {
        let items = capabilities.hasObjectID ? "UIDVALIDITY MAILBOXID" : "UIDVALIDITY"
        return IMAPCommand(.status, [.text("STATUS "), .string(mailbox.raw), .text(" (\(items))")])
    }
}

// MARK: Messages (RFC 3501 §6.4). One command becomes several where its line would be too long.

extension IMAPCommand {
    public static func fetch(_ uids: UIDSet, _ attributes: [IMAPFetchAttribute]) -> [IMAPCommand] {
        let list = attributes.map(\.description).joined(separator: " ")
        return split(.fetch, "UID FETCH ", uids, " (\(list))")
    }

    /// Everything `keys` say must hold. With `extended`, which needs ESEARCH, the server answers in ranges.
    public static func search(_ keys: [IMAPSearchKey], extended: Bool = false) -> IMAPCommand {
        var parts: [Part] = [.text(extended ? "UID SEARCH RETURN (ALL)" : "UID SEARCH")]
        for key in keys.isEmpty ? [.all] : keys { parts += [.text(" ")] + key.parts }
        return IMAPCommand(.search, parts)
    }

    /// Which of `uids` are there. With `extended`, which needs ESEARCH, the server answers in ranges.
    public static func search(_ uids: UIDSet, extended: Bool = false) -> [IMAPCommand] {
        split(.search, extended ? "UID SEARCH RETURN (ALL) UID " : "UID SEARCH UID ", uids, "")
    }

    public enum StoreMode: String, Sendable, CaseIterable {
        case add = "+FLAGS.SILENT"
        case remove = "-FLAGS.SILENT"
        case replace = "FLAGS.SILENT"
    }

    public static func store(_ uids: UIDSet, _ mode: StoreMode, _ flags: IMAPFlags) -> [IMAPCommand] {
        split(.store, "UID STORE ", uids, " \(mode.rawValue) \(flags)")
    }

    public static func copy(_ uids: UIDSet, to mailbox: IMAPMailboxName) -> [IMAPCommand] {
        split(.copy, "UID COPY ", uids, " ", string: mailbox.raw)
    }

    /// RFC 6851.
    public static func move(_ uids: UIDSet, to mailbox: IMAPMailboxName) -> [IMAPCommand] {
        split(.move, "UID MOVE ", uids, " ", string: mailbox.raw)
    }

    /// RFC 4315: removes only the messages of these that are \Deleted.
    public static func expunge(_ uids: UIDSet) -> [IMAPCommand] { split(.expunge, "UID EXPUNGE ", uids, "") }

    /// Removes every message of the folder that is \Deleted, whoever marked it: only where nothing else is marked.
    public static let expungeDeleted = IMAPCommand(.expungeDeleted, "EXPUNGE")

    private static func split(
        _ operation: IMAPOperation, _ before: String, _ uids: UIDSet, _ after: String, string: [UInt8]? = nil
    ) -> [IMAPCommand] {
        // A string longer than this is a literal, and its octets are not part of the line.
        let fixed = before.utf8.count + after.utf8.count + min(string?.count ?? 0, IMAPLimits.quoted) * 2 + 32
        return uids.pieces(ofOctets: max(64, IMAPLimits.commandLine - fixed)).map { piece in
            let text = Part.text(before + piece + after)
            return IMAPCommand(operation, string.map { [text, .string($0)] } ?? [text])
        }
    }
}
