import Testing

@testable import Authorization

@Suite("What an issuer publishes of itself") struct ProviderMetadataTests {
    private func token(_ endpoint: String, of issuer: String) throws(ProviderMetadata.Unusable) -> String? {
        let body = #"{"issuer":"\#(issuer)","token_endpoint":"\#(endpoint)"}"#
        return try ProviderMetadata(Array(body.utf8), of: issuer).tokenEndpoint
    }

    @Test(
        "leads to https, wherever that is",
        arguments: ["https://login.example.test", "http://localhost:8080", "http://127.0.0.1:8080"])
    func encrypted(issuer: String) throws {
        #expect(try token("https://token.example.test/t", of: issuer) == "https://token.example.test/t")
    }

    @Test("leads to a plain address only on this machine, and only from there")
    func plain() throws {
        #expect(try token("http://localhost:8081/t", of: "http://localhost:8080") == "http://localhost:8081/t")
        for endpoint in ["http://localhost:8081/t", "http://127.0.0.1/t", "http://[::1]/t", "HTTP://localhost/t"] {
            #expect(throws: ProviderMetadata.Unusable.unsafe("token_endpoint")) {
                try token(endpoint, of: "https://login.example.test")
            }
        }
        #expect(throws: ProviderMetadata.Unusable.unsafe("token_endpoint")) {
            try token("http://login.example.test/t", of: "http://localhost:8080")
        }
    }
}
