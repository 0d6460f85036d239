import MailModel
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "The vectors of RFC 4648 §10 go both ways",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == Array(encoded.utf8))
        #expect(Base64.decode(Array(encoded.utf8)) == Array(plain.utf8))
    }

    @Test("Every octet survives, at every length", arguments: 0..<260)
    func roundTrip(length: Int) {
        let octets = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 167) }
        #expect(Base64.decode(Base64.encode(octets)) == octets)
    }

    @Test(
        "What is not canonical is refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zh==", "Zm9=", "=Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\r\n", "Zm 9v", "Zm9-", "Zm9_",
            "Zm9v====", "Zmö=",
        ])
    func refused(text: String) {
        #expect(Base64.decode(Array(text.utf8)) == nil)
    }
}
