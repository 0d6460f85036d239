/// Certificates that a careful client refuses.
extension ServerCertificate {
    /// For another name than localhost, by an authority that is as good as any.
    public static func wrongName() async throws -> ServerCertificate {
        try await issued(for: ["DNS:mail.example.test"])
    }

    /// For localhost, expired yesterday.
    public static func expired() async throws -> ServerCertificate {
        let directory = try TemporaryDirectory(prefix: "certificate")
        let authority = try await make(
            in: directory, "authority", ["-subj", "/CN=authority", "-x509", "-days", "30"])
        let request = try await make(in: directory, "server", ["-subj", "/CN=test server"])
        let extensions = try directory.file("extensions", "subjectAltName=\(localNames)\n")
        try await ChildProcess.check(
            "openssl",
            [
                "x509", "-req", "-in", request.made, "-CA", authority.made, "-CAkey", authority.key,
                "-CAcreateserial",
                "-days", "-1", "-extfile", extensions, "-out", directory("expired.pem"),
            ])
        return try ServerCertificate(
            certificate: Directory.text(of: directory("expired.pem")), key: Directory.text(of: request.key),
            authority: Directory.text(of: authority.made))
    }

    /// For localhost, signed by nobody but itself; `authority` is its own.
    public static func selfSigned() async throws -> ServerCertificate {
        let directory = try TemporaryDirectory(prefix: "certificate")
        let made = try await make(
            in: directory, "server",
            ["-subj", "/CN=test server", "-x509", "-days", "30", "-addext", "subjectAltName=\(localNames)"])
        let certificate = try Directory.text(of: made.made)
        return try ServerCertificate(
            certificate: certificate, key: Directory.text(of: made.key), authority: certificate)
    }

    private static let localNames = "DNS:localhost,IP:127.0.0.1"

    /// A certificate or a request for one, and its key: their paths.
    private static func make(
        in directory: TemporaryDirectory, _ name: String, _ arguments: [String]
    ) async throws -> (made: String, key: String) {
        let (made, key) = (directory("\(name).pem"), directory("\(name).key"))
        try await ChildProcess.check(
            "openssl",
            [
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-out", made, "-keyout",
                key,
            ]
                + arguments)
        return (made, key)
    }
}
