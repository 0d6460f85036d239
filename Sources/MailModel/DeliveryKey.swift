/// The name one message keeps through every repeat, move and destination: 16 random bytes, made before the first hand-over.
public struct DeliveryKey: Hashable, Sendable, CustomStringConvertible {
    /// Exactly 16 bytes.
    public let bytes: [UInt8]

    /// `nil` unless there are exactly 16 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    public init(using generator: inout some RandomNumberGenerator) {
        var bytes: [UInt8] = []
        // Each number is a system call.
        for number in [generator.next(), generator.next()] { withUnsafeBytes(of: number) { bytes += $0 } }
        self.bytes = bytes
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String { bytes.hexadecimal }

    public init?(_ text: String) {
        guard let bytes = [UInt8](hexadecimal: text) else { return nil }
        self.init(bytes: bytes)
    }
}
