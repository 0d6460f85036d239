import Crypto
import Diagnostics

/// What makes a message the same message after its mailbox has moved: a version byte and a SHA-256.
///
/// It is made of what servers leave alone. Exchange renders a message anew on every fetch: it folds and encodes
/// header fields differently, quotes names, adds and reorders fields, and estimates sizes. So the key holds values,
/// never bytes of a header:
/// - with a Message-ID: the identifier by the rules of `MessageID`, and the date as a UTC second;
/// - without: the date, the addresses of From and To without names, in lower case and sorted, and the decoded subject
///   without white space.
///
/// A missing or unreadable date counts as none. Equal keys mean the same mail or one that cannot be told apart.
public struct IdentityKey: Hashable, Sendable, CustomStringConvertible {
    /// The version of the rules above.
    public static let version: UInt8 = 1

    /// The version byte and 32 bytes of hash.
    public let bytes: [UInt8]

    /// `nil` unless there are exactly 33 bytes. Keys of other versions are never equal to ones made now.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 33 else { return nil }
        self.bytes = bytes
    }

    public init(_ headers: MessageHeaders) {
        if let messageID = headers.messageID {
            self.init(messageID: messageID, date: headers.date)
            return
        }
        self.init(withoutMessageID: headers)
    }

    /// The key of a message that has no Message-ID, or had none before a server gave it one.
    public init(withoutMessageID headers: MessageHeaders) {
        var fields = Fields(tag: "fields")
        fields.add(headers.date)
        fields.add(IdentityKey.addresses(headers, .from))
        fields.add(IdentityKey.addresses(headers, .to))
        fields.add(headers.subject.filter { !$0.isWhitespace })
        self.init(fields)
    }

    public init(messageID: MessageID, date: Timestamp?) {
        var fields = Fields(tag: "message-id")
        fields.add(messageID.text)
        fields.add(date)
        self.init(fields)
    }

    private init(_ fields: Fields) {
        let digest = fields.digest
        bytes = [UInt8](unsafeUninitializedCapacity: 33) { buffer, count in
            buffer[0] = IdentityKey.version
            digest.withUnsafeBytes {
                _ = UnsafeMutableBufferPointer(rebasing: buffer[1...]).update(fromContentsOf: $0)
            }
            count = 33
        }
    }

    /// 66 lower-case hexadecimal digits.
    public var description: String { bytes.hexadecimal }

    /// A field that holds no address at all counts with its text.
    private static func addresses(_ headers: MessageHeaders, _ field: MessageHeaders.Field) -> String {
        let list = headers.addresses(in: field)
        let readable = list.entries.map { $0.address.folded }
        let rest = list.unreadable.map { $0.lowercased().filter { !$0.isWhitespace } }
        return (readable + rest).sorted().joined(separator: ",")
    }

    /// Each value with its length before it, so that no two lists of values look alike.
    private struct Fields {
        private var bytes: [UInt8] = []

        init(tag: String) {
            // Room for most Message-IDs.
            bytes.reserveCapacity(192)
            add(tag)
        }

        mutating func add(_ text: String) {
            withUnsafeBytes(of: UInt64(text.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
            var text = text
            text.withUTF8 { bytes.append(contentsOf: $0) }
        }

        mutating func add(_ moment: Timestamp?) { add(moment.map { String($0.seconds) } ?? "") }

        var digest: SHA256.Digest {
            var hash = SHA256()
            bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
            return hash.finalize()
        }
    }
}
