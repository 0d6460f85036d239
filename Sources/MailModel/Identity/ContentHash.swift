import Crypto

/// SHA-256 of a message's bytes as they came.
public struct ContentHash: Hashable, Sendable, CustomStringConvertible {
    /// Exactly 32 bytes.
    public let bytes: [UInt8]

    /// `nil` unless there are exactly 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String { bytes.hexadecimal }

    /// Takes the message in chunks as it streams by.
    public struct Stream: Sendable {
        private var hash = SHA256()

        public init() {}

        public mutating func push(_ chunk: ArraySlice<UInt8>) {
            chunk.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }

        public mutating func push(_ chunk: UnsafeRawBufferPointer) { hash.update(bufferPointer: chunk) }

        /// The hash of all chunks so far.
        public func finish() -> ContentHash { ContentHash(digest: hash.finalize()) }
    }

    init(digest: SHA256.Digest) { bytes = Array(digest) }
}
