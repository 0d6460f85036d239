import Diagnostics
import NIOSSL

/// A self-signed certificate with its key, as an administrator makes one for an app registration; both in PEM.
public struct ClientKeyPair: Sendable {
    public let certificate: String
    public let key: String

    /// - Parameters:
    ///   - algorithm: as openssl-req(1) takes it with `-newkey`, such as `rsa:2048`.
    ///   - options: further ones.
    public static func make(
        _ algorithm: String = "rsa:2048", days: Int = 30, _ options: [String] = ["-nodes"]
    ) async throws -> ClientKeyPair {
        let directory = try TemporaryDirectory(prefix: "client")
        let (certificate, key) = (directory("made.pem"), directory("made.key"))
        try await ChildProcess.check(
            "openssl",
            ["req", "-x509", "-newkey", algorithm, "-subj", "/CN=postbote", "-days", "\(days)"] + options
                + ["-out", certificate, "-keyout", key])
        return try ClientKeyPair(certificate: Directory.text(of: certificate), key: Directory.text(of: key))
    }

    /// When the certificate ends, as BoringSSL reads it.
    public func end() throws -> Timestamp {
        let read = try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem)
        return Timestamp(seconds: Int64(read.notValidAfter))
    }

    /// The key in another form.
    ///
    /// - Parameter arguments: of openssl-pkey(1) or another of its programs, which reads the key from `-in`.
    public func key(through arguments: [String]) async throws -> String {
        let directory = try TemporaryDirectory(prefix: "client")
        let (given, made) = (try directory.file("given.key", key, mode: 0o600), directory("made.key"))
        try await ChildProcess.check("openssl", arguments + ["-in", given, "-out", made])
        return try Directory.text(of: made)
    }
}
