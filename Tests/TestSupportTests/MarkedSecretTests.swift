import Foundation
import TestSupport
import Testing

@Suite("A marked secret")
struct MarkedSecretTests {
    private static let text = "Planted~S3cret+with/odd=chars&ä"
    private let secret = MarkedSecret("planted", text)

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test(
        "is found in every form in which secrets travel, and in part",
        arguments: [
            ("as it is", "x\(text)y"), ("as it is", "…S3cret+with/o…"),
            ("URL-encoded", "a=Planted~S3cret%2Bwith%2Fodd%3Dchars%26%C3%A4&b"),
            ("in base64", base64(text)), ("in base64", base64("u" + text)), ("in base64", base64("us" + text)),
            ("in base64", base64("user=anna\u{1}auth=Bearer \(text)\u{1}\u{1}")),
            ("in base64url", base64("??" + text).replacing("+", with: "-").replacing("/", with: "_")),
            ("in hexadecimal", text.utf8.map { String($0, radix: 16) }.joined()),
            ("in hexadecimal", text.utf8.map { String($0, radix: 16, uppercase: true) }.joined()),
        ])
    func found(form: String, place: String) { #expect(secret.forms(in: Array(place.utf8)).contains(form)) }

    @Test(
        "is not found where it is not",
        arguments: ["", "Planted", "Planted~S3cX+with/oXd=chars", base64("PlanXed~S3cX+wiXh/odX=chXrs")])
    func absent(place: String) { #expect(secret.forms(in: Array(place.utf8)).isEmpty) }

    @Test("that is long is found by any piece of six dozen octets, and by its beginning and its end")
    func long() {
        let text = (0..<300).map { "\($0)." }.joined()
        let secret = MarkedSecret("long", text)
        for start in stride(from: 0, to: text.utf8.count - 72, by: 41) {
            #expect(!secret.forms(in: Array(text.utf8.dropFirst(start).prefix(72))).isEmpty, "\(start)")
        }
        #expect(!secret.forms(in: Array(text.utf8.prefix(12))).isEmpty)
        #expect(!secret.forms(in: Array(text.utf8.suffix(12))).isEmpty)
    }
}
