import Diagnostics
import MailModel
import Testing

@testable import MailProtocol

/// A small generator, so that a failing run can be repeated from its seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

@Suite("IMAP response parser, mutated input")
struct IMAPResponseParserFuzzTests {
    static let tokens: [[UInt8]] = [
        "{0}\r\n", "{3}", "{99999999}\r\n", "(", ")", "\"", "\\", "\r\n", "\n", " ", "NIL", "[", "]", "<0>", "* ",
        "FETCH",
        "BODY[]", "UID 1", "SEARCH ", "pb1 ", "\u{0}", "18446744073709551616", "+", "~", "&", ",", ":",
    ].map { Array($0.utf8) }

    @Test("Nothing makes it trap, lose step between splits, or go on after a failure", arguments: 0..<40)
    func mutations(seed: Int) {
        var generator = SplitMix(state: UInt64(seed))
        for _ in 0..<50 {
            var wire = ParserFixture.all.randomElement(using: &generator)?.wire ?? []
            wire += ParserFixture.all.randomElement(using: &generator)?.wire ?? []
            for _ in 0..<Int.random(in: 1...6, using: &generator) { Self.mutate(&wire, &generator) }
            let whole = Self.run([wire])
            let pieces = Self.run(Self.split(wire, &generator))
            #expect(whole == pieces, "\(wire)")
        }
    }

    /// The events, and the failure that ended them, if one did.
    struct Run: Equatable {
        var events: [IMAPEvent] = []
        var failure: Failure?
    }

    private static func run(_ chunks: [[UInt8]]) -> Run {
        var limits = IMAPLimits()
        limits.line = 4_096
        limits.response = 4_096
        var parser = IMAPResponseParser(limits: limits)
        var run = Run()
        do throws(Failure) {
            for chunk in chunks {
                parser.feed(chunk)
                while let event = try parser.next() { append(event, to: &run.events) }
            }
        } catch {
            run.failure = error
        }
        return run
    }

    private static func append(_ event: IMAPEvent, to events: inout [IMAPEvent]) {
        if case .bodyBytes(let more) = event, case .bodyBytes(let before)? = events.last {
            events[events.count - 1] = .bodyBytes((Array(before) + more)[...])
        } else {
            events.append(event)
        }
    }

    private static func mutate(_ wire: inout [UInt8], _ generator: inout SplitMix) {
        guard !wire.isEmpty else { return }
        let place = Int.random(in: 0..<wire.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: wire[place] = UInt8.random(in: .min ... .max, using: &generator)
        case 1: wire.remove(at: place)
        case 2: wire.insert(contentsOf: tokens.randomElement(using: &generator) ?? [], at: place)
        case 3: wire.removeSubrange(place..<min(place + 8, wire.count))
        default: wire.insert(contentsOf: wire[place..<min(place + 20, wire.count)], at: place)
        }
    }

    private static func split(_ wire: [UInt8], _ generator: inout SplitMix) -> [[UInt8]] {
        var chunks: [[UInt8]] = []
        var rest = wire[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...20, using: &generator)
            chunks.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return chunks
    }
}
