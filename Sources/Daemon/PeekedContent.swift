import MailModel
import Operations

/// A message whose beginning was read to learn its author, and which is still read whole afterwards.
struct PeekedContent: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    /// The first address in From.
    let author: String?
    private let beginning: [[UInt8]]
    private let rest: Rest

    init(_ content: MessageContent) async throws {
        let rest = Rest(content)
        var beginning: [[UInt8]] = []
        var scanner = HeaderScanner()
        var octets = 0
        while !scanner.isComplete, octets < Limits.peekedHeader, let piece = try await rest.next() {
            scanner.push(piece[...])
            octets += piece.count
            beginning.append(piece)
        }
        author = scanner.finish().addresses(in: .from).entries.first?.address.description
        self.beginning = beginning
        self.rest = rest
    }

    func makeAsyncIterator() -> Iterator { Iterator(beginning: beginning[...], rest: rest) }

    struct Iterator: AsyncIteratorProtocol {
        var beginning: ArraySlice<[UInt8]>
        let rest: Rest

        mutating func next() async throws -> [UInt8]? {
            if let piece = beginning.popFirst() { return piece }
            return try await rest.next()
        }
    }

    /// The one iterator of the content, which can be read once.
    ///
    /// `@unchecked Sendable`: it is handed from whoever peeks to whoever reads on, and never used by two at once.
    final class Rest: @unchecked Sendable {
        private var iterator: MessageContent.AsyncIterator

        init(_ content: MessageContent) { iterator = content.makeAsyncIterator() }

        func next() async throws -> [UInt8]? { try await iterator.next() }
    }
}
