import Explanations
import Testing

@Suite("AADSTS numbers")
struct AADSTSTests {
    /// The catalogue: what Microsoft documents, and what was seen.
    private static let catalogue = [
        7_000_218, 7_000_215, 7_000_222, 70002, 700025, 700027, 700030, 50012, 50027, 50048, 50013, 500133,
        700016, 700011, 70001, 7_000_112, 1_000_031, 700005, 50194, 9_001_023, 9_002_332, 90124, 90130, 90027,
        90002, 50049, 50050, 90038, 900439, 900432, 900382, 1_000_104, 90019, 50059, 50128, 50011, 70004,
        900971, 90014, 900144, 9_002_313, 90004, 90013, 90023, 90100, 901002, 90056, 900561, 70003, 70005,
        70007, 50147, 501481, 9_002_325, 54005, 500011, 50001, 65005, 650052, 650054, 650056, 650057, 70011,
        28002, 28003, 700022, 700023, 700082, 70008, 700084, 50173, 70000, 70043, 50089, 50085, 50132,
        50133, 50139, 50078, 9_002_341, 135010, 135011, 140000, 140001, 50076, 50079, 50072, 50074, 50087,
        50088, 50097, 50155, 50187, 50129, 50125, 50131, 50158, 50166, 53000, 53001, 53002, 53003, 530003,
        530032, 530034, 530035, 53004, 53010, 53011, 50135, 54000, 50020, 500208, 16000, 16003, 50014,
        50034, 51004, 90072, 50053, 50055, 50056, 50057, 50064, 50126, 50144, 50058, 160021, 50197, 50199,
        50105, 501051, 500021, 500022, 50002, 500212, 500213, 65001, 65004, 65002, 90008, 90094, 90095,
        90099, 700020, 70016, 70018, 70019, 90119, 90120, 50134, 40008, 40010, 50107, 90123, 50000, 50033,
        50196, 70012, 80001, 80002, 80005, 80007, 80012, 80013, 80014, 90006, 90012, 90024, 90033, 90036,
        90055, 90090, 90091, 90092,
    ]

    @Test("are all explained")
    func complete() {
        #expect(AADSTSTests.catalogue.count == 175)
        for number in AADSTSTests.catalogue {
            #expect(Explanations.of(aadsts: number)?.key == "AADSTS\(number)")
            #expect(Explanations.find("\(number)").map(\.key) == ["AADSTS\(number)"])
            #expect(Explanations.find("AADSTS\(number): Something happened.").first?.key == "AADSTS\(number)")
        }
    }

    @Test("say who acts")
    func actors() {
        #expect(Explanations.of(aadsts: 700082)?.actor == .owner)
        #expect(Explanations.of(aadsts: 7_000_222)?.actor == .operator)
        #expect(Explanations.of(aadsts: 53003)?.actor == .tenant)
        #expect(Explanations.of(aadsts: 90033)?.actor == .nobody)
        #expect(Explanations.of(aadsts: 1) == nil)
    }

    @Test(
        "are found in texts",
        arguments: [
            ("AADSTS7000222: expired", [7_000_222]), ("x AADSTS50076, AADSTS53003.", [50076, 53003]), ("AADSTS", []),
            ("AADSTSx", []), ("", []), ("AADSTS99999999999999999999", [9_999_999_999]), ("aadsts70000", []),
        ])
    func numbers(_ text: String, _ numbers: [Int]) {
        #expect(Explanations.numbers(in: text) == numbers)
    }
}
