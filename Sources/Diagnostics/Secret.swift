/// A password, token, key or client secret.
///
/// It has no description, cannot be interpolated into text by accident, and is compared in constant time. The bytes are
/// reached only through `withBytes` or `reveal()`, so that every place where a secret leaves is easy to search for.
public struct Secret: Sendable {
    private let bytes: [UInt8]

    public init(_ text: String) { bytes = Array(text.utf8) }
    public init(bytes: [UInt8]) { self.bytes = bytes }

    public var isEmpty: Bool { bytes.isEmpty }
    public var count: Int { bytes.count }

    public func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result { try body(bytes) }

    /// The secret as text, for the one place that sends it.
    public func reveal() -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Secret: Equatable {
    public static func == (left: Secret, right: Secret) -> Bool {
        guard left.bytes.count == right.bytes.count else { return false }
        return zip(left.bytes, right.bytes).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<secret>" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
