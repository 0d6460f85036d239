import Hummingbird
import NIOCore

/// A request's body as it arrives. One that is too long ends with an error, as does one whose sender hung up in the middle:
/// only a body that ends as HTTP says (RFC 9112 §6) ends the sequence.
struct LimitedContent: AsyncSequence, Sendable {
    typealias Element = [UInt8]

    let body: RequestBody
    var limit = Limits.messageOctets

    func makeAsyncIterator() -> Iterator { Iterator(base: body.makeAsyncIterator(), room: limit) }

    struct Iterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        var room: Int64

        mutating func next() async throws -> [UInt8]? {
            guard let buffer = try await base.next() else { return nil }
            room -= Int64(buffer.readableBytes)
            guard room >= 0 else {
                throw Problem(.refused, "the message is larger than \(Limits.messageOctets >> 20) MB")
            }
            return Array(buffer.readableBytesView)
        }
    }
}
