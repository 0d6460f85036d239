import Diagnostics
import Testing

@Suite struct SecretTests {
    private let secret = Secret("hunter2")

    @Test("A secret never shows in text")
    func text() {
        var dumped = ""
        dump(secret, to: &dumped)
        for shown in ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", dumped] {
            #expect(!shown.contains("hunter2"))
            #expect(!shown.contains("104"))
        }
    }

    @Test("Secrets are equal when their bytes are")
    func equality() {
        #expect(secret == Secret(bytes: Array("hunter2".utf8)))
        #expect(secret != Secret("hunter3"))
        #expect(secret != Secret("hunter"))
        #expect(Secret("") == Secret(bytes: []))
    }

    @Test("A secret is revealed where it is asked for")
    func reveal() {
        #expect(secret.reveal() == "hunter2")
        #expect(secret.withBytes { $0 } == Array("hunter2".utf8))
        #expect(secret.count == 7 && !secret.isEmpty && Secret("").isEmpty)
    }
}
