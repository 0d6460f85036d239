/// One `KEY=value` of an event.
public struct EventField: Hashable, Sendable {
    /// A name that the journal takes: upper-case letters, digits and underscores, beginning with a letter, at most 64
    /// characters (systemd.journal-fields(7)).
    public struct Key: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        /// Other characters become underscores; a name that does not begin with a letter gets `FIELD_` before it.
        public init(_ name: some StringProtocol) {
            var text = String(decoding: name.utf8.map(Key.allowed), as: UTF8.self)
            if !(text.utf8.first.map(Key.isLetter) ?? false) { text = "FIELD_" + text }
            description = String(text.prefix(64))
        }

        private static func allowed(_ byte: UInt8) -> UInt8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 32
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
            default: UInt8(ascii: "_")
            }
        }
        private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    }

    /// Made without formatting anything, so that an event nobody reads costs next to nothing.
    public enum Value: Hashable, Sendable, CustomStringConvertible {
        case text(String)
        case number(Int64)
        case instant(Timestamp)
        /// Written in seconds, to the millisecond.
        case duration(Duration)

        public var description: String {
            switch self {
            case .text(let text): return text
            case .number(let number): return String(number)
            case .instant(let instant): return instant.description
            case .duration(let duration):
                let milliseconds = String(duration.inMilliseconds % 1000)
                let zeros = String(repeating: "0", count: max(0, 3 - milliseconds.utf8.count))
                return "\(duration.inMilliseconds / 1000).\(zeros)\(milliseconds)s"
            }
        }
    }

    public var key: Key
    public var value: Value

    public init(_ key: Key, _ value: Value) {
        self.key = key
        self.value = value
    }
    public init(_ key: Key, _ text: String) { self.init(key, .text(text)) }
    public init(_ key: Key, _ number: some BinaryInteger) { self.init(key, .number(Int64(clamping: number))) }
    public init(_ key: Key, _ instant: Timestamp) { self.init(key, .instant(instant)) }
    public init(_ key: Key, _ duration: Duration) { self.init(key, .duration(duration)) }

    /// No field where there is no value.
    public init?(_ key: Key, ifKnown text: String?) {
        guard let text else { return nil }
        self.init(key, text)
    }
    public init?(_ key: Key, ifKnown instant: Timestamp?) {
        guard let instant else { return nil }
        self.init(key, instant)
    }
}

extension EventField.Key: ExpressibleByStringLiteral {
    public init(stringLiteral name: String) { self.init(name) }
}

extension EventField.Key {
    public static let event = Self("EVENT")
    public static let account = Self("ACCOUNT")
    public static let direction = Self("DIRECTION")
    public static let folder = Self("FOLDER")
    public static let uid = Self("UID")
    // swift-format-ignore: DontRepeatTypeInStaticProperties
    public static let deliveryKey = Self("DELIVERY_KEY")
    public static let destination = Self("DESTINATION")
    public static let queueID = Self("QUEUE_ID")
    public static let messageID = Self("MESSAGE_ID_HEADER")
    public static let recipient = Self("RECIPIENT")
    public static let octets = Self("OCTETS")
    public static let attempt = Self("ATTEMPT")
    public static let oldState = Self("OLD_STATE")
    public static let newState = Self("NEW_STATE")
    public static let next = Self("NEXT")
    public static let until = Self("UNTIL")
    public static let duration = Self("DURATION")
    public static let operation = Self("OPERATION")
    public static let reason = Self("REASON")
    public static let serverLine = Self("SERVER_LINE")
    public static let scope = Self("SCOPE")
    public static let retry = Self("RETRY")
    public static let position = Self("POSITION")
}
