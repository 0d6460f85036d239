import MailModel
import TestSupport

@testable import Transport

/// Not the one of the test servers.
typealias HTTPRequest = Transport.HTTPRequest

/// A scripted server with TLS, and requests to it that trust it.
struct SecureServer {
    let scripted: ScriptedServer
    let directory: TemporaryDirectory
    let trust: TrustSettings

    static func start(_ dialogs: [Dialog]) async throws -> SecureServer {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        let scripted = try await ScriptedServer.start(dialogs, .implicit(certificate))
        return SecureServer(scripted: scripted, directory: directory, trust: trust)
    }

    static func start(_ dialogs: String...) async throws -> SecureServer {
        try await start(dialogs.map { try Dialog($0) })
    }

    func request(_ method: String, _ target: String = "/", timeout: Duration = .seconds(60)) -> HTTPRequest {
        HTTPRequest(method, "https://localhost:\(scripted.port)\(target)", timeout: timeout, trust: trust)
    }

    /// Whether anything ended so on any connection.
    func wasSent(ending end: String) -> Bool {
        scripted.records.contains { $0.transcript.clientBytes.suffix(end.utf8.count).elementsEqual(end.utf8) }
    }

    /// What the client sent on its first connection.
    var bytes: [UInt8] { scripted.records.first?.transcript.clientBytes ?? [] }
    var lines: [String] { scripted.records.first?.transcript.clientLines ?? [] }
}
