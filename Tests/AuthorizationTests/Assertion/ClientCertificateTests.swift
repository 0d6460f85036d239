import Diagnostics
import TestSupport
import Testing

@testable import Authorization

@Suite("A certificate file")
struct ClientCertificateTests {
    @Test("survives every truncation and every octet changed, without a wrong end")
    func damaged() async throws {
        let pair = try await ClientKeyPair.make()
        let der = try ClientCertificate.parsed(Secret(pair.certificate)).der
        for count in 0..<der.count {
            #expect(throws: ClientCertificate.Unusable.self) {
                _ = try ClientCertificate.parsed(pem(Array(der.prefix(count))))
            }
        }
        for index in der.indices {
            var damaged = der
            damaged[index] ^= 0xFF
            _ = try? ClientCertificate.parsed(pem(damaged))
        }
    }

    @Test("may have text, other blocks and other line ends around its certificate")
    func surroundings() async throws {
        let pair = try await ClientKeyPair.make()
        let expected = try ClientCertificate.parsed(Secret(pair.certificate)).der
        for text in [
            pair.key + pair.certificate, "subject=CN = postbote\n" + pair.certificate,
            pair.certificate.replacing("\n", with: "\r\n"), pair.certificate + pair.certificate,
        ] { #expect(try ClientCertificate.parsed(Secret(text)).der == expected) }
    }

    private func pem(_ der: [UInt8]) -> Secret {
        let text = Base64URL.encode(der).replacing("-", with: "+").replacing("_", with: "/")
        let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Secret("-----BEGIN CERTIFICATE-----\n\(padded)\n-----END CERTIFICATE-----\n")
    }
}
