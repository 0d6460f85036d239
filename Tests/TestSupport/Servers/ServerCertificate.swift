/// A certificate for the test servers, and the authority that signed it; all in PEM.
public struct ServerCertificate: Sendable {
    /// The server's certificate.
    public let certificate: String
    public let key: String
    /// The authority's certificate: what a client must trust.
    public let authority: String

    /// For `localhost` and 127.0.0.1; one for the whole process.
    public static func localhost() async throws -> ServerCertificate { try await TestAuthority.shared.localhost() }

    /// For other names in the form of openssl's `subjectAltName`: `DNS:mail.example.test`.
    public static func issued(for names: [String], days: Int = 30) async throws -> ServerCertificate {
        try await TestAuthority.shared.certificate(for: names, days: days)
    }
}

/// A certificate authority that lives as long as this process.
actor TestAuthority {
    static let shared = TestAuthority()
    private var authority: Task<(certificate: String, key: String), any Error>?
    private var local: Task<ServerCertificate, any Error>?

    func localhost() async throws -> ServerCertificate {
        let task = local ?? Task { try await certificate(for: ["DNS:localhost", "IP:127.0.0.1"]) }
        local = task
        return try await task.value
    }

    func certificate(for names: [String], days: Int = 30) async throws -> ServerCertificate {
        let task = authority ?? Task { try await Self.makeAuthority() }
        authority = task
        let authority = try await task.value
        let directory = try TemporaryDirectory(prefix: "certificate")
        let signer = [
            "-CA", try directory.file("ca.pem", authority.certificate),
            "-CAkey", try directory.file("ca.key", authority.key),
        ]
        let made = try await Self.make(
            in: directory, subject: "/CN=test server", days: days, arguments: signer,
            extensions: [
                "basicConstraints=critical,CA:false", "extendedKeyUsage=serverAuth",
                "subjectAltName=\(names.joined(separator: ","))",
            ])
        return ServerCertificate(certificate: made.certificate, key: made.key, authority: authority.certificate)
    }

    private static func makeAuthority() async throws -> (certificate: String, key: String) {
        try await make(
            in: TemporaryDirectory(prefix: "certificate"), subject: "/CN=Postbote test authority", days: 3650,
            arguments: [],
            extensions: ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign,cRLSign"])
    }

    private static func make(
        in directory: TemporaryDirectory, subject: String, days: Int, arguments: [String], extensions: [String]
    ) async throws -> (certificate: String, key: String) {
        let (certificate, key) = (directory("made.pem"), directory("made.key"))
        try await ChildProcess.check(
            "openssl",
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
                + ["-subj", subject, "-days", "\(days)", "-out", certificate, "-keyout", key]
                + arguments + extensions.flatMap { ["-addext", $0] })
        return try (Directory.text(of: certificate), Directory.text(of: key))
    }
}
