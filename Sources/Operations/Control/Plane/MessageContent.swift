/// An RFC 5322 message on its way in: pieces as they arrive, read once. Whoever reads slowly slows the sender down.
public struct MessageContent: AsyncSequence, Sendable {
    public typealias Element = [UInt8]

    private let start: @Sendable () -> AsyncIterator

    public init<Pieces: AsyncSequence & Sendable>(_ pieces: Pieces) where Pieces.Element == [UInt8] {
        start = {
            var iterator = pieces.makeAsyncIterator()
            return AsyncIterator { try await iterator.next() }
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { start() }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let read: () async throws -> [UInt8]?

        public mutating func next() async throws -> [UInt8]? { try await read() }
    }
}
