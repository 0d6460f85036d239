/// The name of something in the configuration: `[a-z0-9][a-z0-9._-]{0,63}`, because it becomes part of paths and URLs.
public struct Name<Subject>: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let text: String

    /// `nil` when `text` is not a valid name.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...64).contains(bytes.count), Name.mayBegin(bytes[0]), bytes.allSatisfy(Name.mayContinue) else {
            return nil
        }
        self.text = text
    }

    public var description: String { text }
    public static func < (left: Name, right: Name) -> Bool { left.text < right.text }

    private static func mayBegin(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    private static func mayContinue(_ byte: UInt8) -> Bool {
        mayBegin(byte) || [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains(byte)
    }
}

public typealias AccountName = Name<Account>
public typealias ProviderName = Name<Provider>
public typealias DestinationName = Name<Destination>
