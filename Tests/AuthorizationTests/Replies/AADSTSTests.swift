import Authorization
import Testing

@Suite("The table of AADSTS numbers")
struct AADSTSTests {
    @Test("knows the whole catalogue, each with a sentence and a cure")
    func complete() {
        #expect(AADSTS.all.count == 175)
        for entry in AADSTS.all {
            #expect(entry.meaning.hasSuffix("."), "\(entry.number)")
            #expect(entry.cure.hasSuffix("."), "\(entry.number)")
            #expect(entry.meaning.count > 10 && entry.cure.count > 10, "\(entry.number)")
        }
    }

    @Test("is found by number")
    func found() {
        #expect(AADSTS(700082)?.actor == .owner)
        #expect(AADSTS(7_000_222)?.actor == .operator)
        #expect(AADSTS(53003)?.actor == .tenant)
        #expect(AADSTS(90033)?.actor == .wait)
        #expect(AADSTS(1) == nil)
    }

    @Test(
        "numbers are found in texts",
        arguments: [
            ("AADSTS7000222: expired", [7_000_222]), ("x AADSTS50076, AADSTS53003.", [50076, 53003]), ("AADSTS", []),
            ("AADSTSx", []), ("", []), ("AADSTS99999999999999999999", [9_999_999_999]), ("aadsts70000", []),
        ])
    func numbers(_ text: String, _ numbers: [Int]) {
        #expect(AADSTS.numbers(in: text) == numbers)
    }
}
