import TestSupport
import Testing

@testable import Explanations

@Suite("Every entry of explanations.txt")
struct FormTests {
    private static let entries = Explanations.table.entries

    @Test("has its four parts, in sentences")
    func parts() {
        #expect(FormTests.entries.count > 250)
        for entry in FormTests.entries {
            let explanation = entry.explanation
            for sentence in [explanation.happened, explanation.toDo, explanation.howToSee] {
                #expect(sentence.count > 10 && sentence.hasSuffix("."), "\(explanation.key): \(sentence)")
            }
            // What is said before it is known whose it is.
            #expect(!explanation.happened.contains("{"), "\(explanation.key)")
        }
    }

    @Test("says what to do with a page, a command or a key of the configuration, all of which exist")
    func cures() {
        for entry in FormTests.entries {
            let complaints = Cure(entry.explanation.toDo).complaints
            #expect(complaints == [], "\(entry.explanation.key)")
        }
    }

    @Test("names keys that config/postbote.yaml shows")
    func keys() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let sample = try Directory.text(of: root + "/config/postbote.yaml")
        for key in Cure.keys where !Cure.values.contains(key) {
            #expect(sample.contains("\(key):"), "\(key)")
        }
    }

    @Test("says with a command how to see that it worked")
    func seen() {
        for entry in FormTests.entries {
            let cure = Cure(entry.explanation.howToSee)
            #expect(cure.pieces.contains { $0.hasPrefix("postbote ") }, "\(entry.explanation.key)")
            #expect(cure.complaints == [], "\(entry.explanation.key)")
        }
    }

    @Test("leaves no placeholder open, and shows what is not known in upper case")
    func placeholders() {
        var facts = ExplanationFacts()
        for placeholder in ExplanationFacts.Placeholder.allCases { facts[placeholder] = "<known>" }
        for entry in FormTests.entries {
            for filled in [entry.explanation.filled(with: facts), entry.explanation.filled(with: ExplanationFacts())]
            {
                let open = (filled.toDo + filled.howToSee).ranges(of: "{").count { range in
                    // `{move: FOLDER}` is a value of the configuration.
                    !(filled.toDo + filled.howToSee)[range.upperBound...].prefix { $0 != "}" }.contains(":")
                }
                #expect(open == 0, "\(filled.key)")
            }
        }
        let shown = Explanations.of(aadsts: 7_000_222)?.filled(with: ExplanationFacts())
        #expect(shown?.toDo.contains("the app CLIENT-ID > Certificates & secrets") == true)
    }

    @Test("shares its cure only with those that name the same one")
    func sharedCures() {
        let byText = Dictionary(grouping: FormTests.entries) { $0.explanation.toDo }
        for entries in byText.values where entries.count > 1 {
            let names = Set(entries.map(\.sharedCure))
            #expect(names.count == 1 && names.first != .some(nil), "\(entries.map(\.explanation.key))")
        }
        // A cure of one entry stands in it.
        let byName = Dictionary(grouping: FormTests.entries.filter { $0.sharedCure != nil }) { $0.sharedCure }
        for (name, entries) in byName { #expect(entries.count > 1, "\(name ?? "")") }
    }

    @Test("is found by each of its keys")
    func found() {
        for entry in FormTests.entries {
            for key in entry.keys {
                let parts = key.text.split(separator: " ").map { $0 == "…" ? "(and so on)" : String($0) }
                let text = key.kind == .aadsts ? key.text : parts.dropFirst().joined(separator: " ")
                let asked = text.replacing("4.7.500-699", with: "4.7.612").replacing("4.7.850-899", with: "4.7.850")
                let found = Explanations.find(asked).first
                #expect(found?.happened == entry.explanation.happened, "\(key.text): \(found?.key ?? "nothing")")
            }
        }
    }

    @Test(
        "would be found wrong",
        arguments: [
            "Contact your administrator.", "Ask whoever knows, then try again.", "Run `postbote frobnicate`.",
            "Open Entra admin center > Nowhere > Secrets.", "Set `no_such_key` of the provider.",
            "See https://www.example.org/help.", "Run `Set-Everything -Right`.",
        ])
    func strictness(cure: String) {
        #expect(!Cure(cure).complaints.isEmpty)
    }
}
