import Diagnostics
import Synchronization

/// Realistic messages, the same for the same seed and number, with CRLF line ends.
///
/// The first ones of a corpus are one of each `MessageKind`; then come the kinds as often as in a real mailbox.
public struct MessageCorpus: Sendable {
    public let seed: UInt64
    /// Base64 lines of pseudo-random bytes, from which attachments are cut.
    private let filling: [UInt8]

    public init(seed: UInt64 = 1) {
        self.seed = seed
        filling = Self.fillings.withLock { fillings in
            if let known = fillings[seed] { return known }
            let made = Self.makeFilling(seed: seed)
            fillings[seed] = made
            return made
        }
    }

    /// Message number `index`.
    public subscript(index: Int) -> [UInt8] { message(index, kind: kind(of: index)) }

    /// Messages number 0 ..< `count`, made one by one. 2,000 of them have 254 MB.
    public func messages(_ count: Int) -> LazyMapSequence<Range<Int>, [UInt8]> { (0..<count).lazy.map { self[$0] } }

    /// One message of that kind.
    public func message(_ kind: MessageKind, number: Int = 0) -> [UInt8] { message(number, kind: kind) }

    /// Plain messages of exactly `size` octets each, which must hold the header.
    public func small(_ count: Int, size: Int = 4096) -> LazyMapSequence<Range<Int>, [UInt8]> {
        (0..<count).lazy.map { small($0, size: size) }
    }

    public func kind(of index: Int) -> MessageKind {
        if index < MessageKind.allCases.count { return MessageKind.allCases[index] }
        var generator = generator(for: index)
        switch Int.random(in: 0..<1000, using: &generator) {
        case ..<250: return .plainText
        case ..<480: return .alternative
        case ..<640: return .newsletter
        case ..<860: return .attachment
        case ..<920: return .eightBit
        case ..<950: return .latin1
        case ..<970: return .encodedHeaders
        case ..<975: return .withoutMessageID
        case ..<985: return .forwarded
        case ..<992: return .invitation
        default: return .bounceReport
        }
    }

    private func small(_ index: Int, size: Int) -> [UInt8] {
        var writer = MessageWriter(corpus: self, index: index, generator: generator(for: index))
        writer.header(subject: "Nachricht \(index)")
        writer.line("")
        precondition(writer.bytes.count + 2 <= size, "the header alone is longer than \(size) octets")
        while writer.bytes.count < size {
            let room = size - writer.bytes.count
            // The last two lines share what is left, so that none has less than its line end.
            let length = room <= 74 ? room - 2 : min(70, room - 4)
            writer.append(fillingLine(index &+ room).prefix(length))
            writer.append([13, 10])
        }
        return writer.bytes
    }

    private func message(_ index: Int, kind: MessageKind) -> [UInt8] {
        var writer = MessageWriter(corpus: self, index: index, generator: generator(for: index))
        writer.write(kind)
        return writer.bytes
    }

    private func generator(for index: Int) -> SeededGenerator {
        var mixer = SeededGenerator(seed: seed)
        return SeededGenerator(seed: mixer.next() ^ (UInt64(index) &* 0x9e37_79b9_7f4a_7c15))
    }

    // MARK: Filling

    static let fillingLineLength = 78
    private static let fillingLines = 4_000
    /// Made once for each seed: tests make many corpora.
    private static let fillings = Mutex<[UInt64: [UInt8]]>([:])

    /// Base64 in lines of 76 characters and CRLF, for about `size` octets in all.
    func base64(size: Int, using generator: inout SeededGenerator) -> [UInt8] {
        var result: [UInt8] = []
        var lines = max(1, size / Self.fillingLineLength)
        result.reserveCapacity(lines * Self.fillingLineLength)
        while lines > 0 {
            let start = Int.random(in: 0..<Self.fillingLines, using: &generator)
            let count = min(lines, Self.fillingLines - start)
            result += filling[start * Self.fillingLineLength..<(start + count) * Self.fillingLineLength]
            lines -= count
        }
        return result
    }

    private func fillingLine(_ number: Int) -> ArraySlice<UInt8> {
        let start = number % Self.fillingLines * Self.fillingLineLength
        return filling[start..<start + Self.fillingLineLength - 2]
    }

    private static func makeFilling(seed: UInt64) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var generator = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(fillingLines * fillingLineLength)
        for _ in 0..<fillingLines {
            for _ in 0..<8 {
                // Ten characters of six bits a number; the last of a line gives six.
                var number = generator.next()
                for _ in 0..<10 where bytes.count % fillingLineLength < 76 {
                    bytes.append(alphabet[Int(number & 63)])
                    number >>= 6
                }
            }
            bytes += [13, 10]
        }
        return bytes
    }
}
