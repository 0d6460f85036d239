import Diagnostics
import MailModel
import Testing

@Suite("Queue ids")
struct QueueIDTests {
    private struct Fixed: RandomNumberGenerator {
        var value: UInt64
        mutating func next() -> UInt64 { value }
    }

    private func id(_ milliseconds: Int64, _ random: UInt64) -> String {
        var generator = Fixed(value: random)
        return QueueID(at: Timestamp(milliseconds: milliseconds), using: &generator).description
    }

    @Test("All bits of time and chance are in it, at their place")
    func bits() {
        #expect(id(0, 0) == "00000000000000")
        #expect(id(0, 1) == "00000000000001")
        #expect(id(0, .max) == "000000007ZZZZZ")
        #expect(id(1, 0) == "00000000800000")
        #expect(id(1 << 42 - 1, .max) == "ZZZZZZZZZZZZZZ")
    }

    @Test("Ids sort by time, whatever the chance")
    func sorted() {
        #expect(id(1_800_000_000_000, .max) < id(1_800_000_000_001, 0))
    }

    @Test("Each bit of chance makes another id", arguments: 0..<28 as Range<UInt64>)
    func distinct(bit: UInt64) {
        #expect(id(5, 1 << bit) != id(5, 0))
        #expect(id(5, 1 << bit) != id(5, 1 << ((bit + 1) % 28)))
    }

    @Test(
        "An id is read as a person types it",
        arguments: [
            ("01hf7yat2k4pqr", "01HF7YAT2K4PQR"), ("O1HF-7YAT-2K4P-QR", "01HF7YAT2K4PQR"),
            ("olHF7YATIK4PQR", "01HF7YAT1K4PQR"),
        ])
    func read(typed: String, meant: String) {
        #expect(QueueID(typed)?.description == meant)
    }

    @Test(
        "What cannot be an id is not read as one",
        arguments: ["", "01HF7YAT2K4PQ", "01HF7YAT2K4PQRS", "01HF7YAT2K4PQU", "../../etc/pass", "01HF7YAT2K4PQ "])
    func refused(text: String) {
        #expect(QueueID(text) == nil)
    }
}
