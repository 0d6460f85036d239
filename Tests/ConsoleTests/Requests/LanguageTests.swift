import Testing

@testable import Console

@Suite("The language of the pages") struct LanguageTests {
    @Test(
        "is the one that the browser wants most, else English",
        arguments: [
            (nil, .english), ("", .english), ("de", .german), ("de-AT", .german), ("DE-de", .german),
            ("fr, de;q=0.5, en;q=0.4", .german), ("en;q=0.5,de;q=0.9", .german), ("de;q=0.5,en;q=0.9", .english),
            ("de, en", .german), ("en, de", .english), ("fr", .english), ("fr, *;q=0.1, de;q=0.2", .german),
            ("de;q=0", .english), ("de;q=0, en", .english), ("de;q=x", .english), ("de;q=2", .english),
            ("den", .english), ("de ; q=0.8 , en ; q=0.7", .german),
            ("de" + String(repeating: ",fr", count: 1000), .english),
        ] as [(String?, Language)])
    func wanted(header: String?, language: Language) { #expect(Language.wanted(header) == language) }

    @Test("has a name in the place of each number, and nothing else is one")
    func phrase() {
        let phrase = Phrase("100 % of %1, %2 and %3", de: "%2, %1")
        #expect(phrase(.english, "a%2", "b") == "100 % of a%2, b and %3")
        #expect(phrase(.german, "a", "b") == "b, a")
    }
}
