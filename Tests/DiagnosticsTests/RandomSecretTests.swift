import Diagnostics
import Testing

@Suite("A random secret") struct RandomSecretTests {
    @Test("is 43 characters that stand for themselves in a URL, and another one each time")
    func random() {
        let secrets = (0..<100).map { _ in Secret.random().reveal() }
        #expect(secrets.allSatisfy { Secret.isRandom($0) })
        #expect(Set(secrets).count == 100)
        #expect(Set(secrets.joined()).count == 64)
    }

    @Test(
        "is told from what cannot be one",
        arguments: [
            "", String(repeating: "a", count: 42), String(repeating: "a", count: 44),
            String(repeating: "a", count: 42) + "=", String(repeating: "a", count: 42) + "/",
            String(repeating: "a", count: 42) + "ä",
        ])
    func other(text: String) { #expect(!Secret.isRandom(text)) }
}
