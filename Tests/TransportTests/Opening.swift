import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Transport

/// The part of a dialog in which libcurl connects: up to the capabilities.
enum Opening {
    static func text(_ service: MailService, _ tls: Endpoint.TLSMode) -> String {
        switch (service, tls) {
        case (.imap, .starttls): imap + startTLS(imapSecured)
        case (.pop3, .starttls): pop3 + startTLS(pop3Secured)
        case (.smtp, .starttls): smtp + startTLS(smtpSecured)
        case (.imap, _): imap
        case (.pop3, _): pop3
        case (.smtp, _): smtp
        }
    }

    private static let imap = """
        S: * OK ready
        C: $t1 CAPABILITY
        S+ * CAPABILITY IMAP4rev1 STARTTLS CLEAR
        S: $t1 OK done

        """
    private static let imapSecured = """
        C: $t3 CAPABILITY
        S+ * CAPABILITY IMAP4rev1 SECURE
        S: $t3 OK done

        """
    private static let pop3 = """
        S: +OK ready
        C: CAPA
        S+ +OK
        S+ STLS
        S+ CLEAR
        S: .

        """
    private static let pop3Secured = """
        C: CAPA
        S+ +OK
        S+ SECURE
        S: .

        """
    private static let smtp = """
        S: 220 ready
        C: EHLO $name
        S+ 250-STARTTLS
        S: 250 CLEAR

        """
    private static let smtpSecured = """
        C: EHLO $name
        S: 250 SECURE

        """

    private static func startTLS(_ secured: String) -> String {
        switch secured {
        case imapSecured: "C: $t2 STARTTLS\nS: $t2 OK go\nTLS\n" + secured
        case pop3Secured: "C: STLS\nS: +OK go\nTLS\n" + secured
        default: "C: STARTTLS\nS: 220 go\nTLS\n" + secured
        }
    }
}

extension ConnectionRequest {
    /// To a test server on this machine.
    static func local(
        _ port: Int, _ service: MailService = .imap, _ tls: Endpoint.TLSMode = .none,
        trust: TrustSettings = TrustSettings(), timeout: Duration = .seconds(60)
    ) -> ConnectionRequest {
        ConnectionRequest(
            service, at: Endpoint(host: "localhost", port: port, tls: tls), trust: trust, timeout: timeout)
    }
}

extension ServerCertificate {
    /// A directory with the authority's certificate in it, and the settings that trust it.
    func trusted() throws -> (TemporaryDirectory, TrustSettings) {
        let directory = try TemporaryDirectory(prefix: "trust")
        return (directory, TrustSettings(caFile: try directory.file("ca.pem", authority)))
    }
}

extension ScriptedServer.Security {
    static func mode(_ tls: Endpoint.TLSMode, _ certificate: ServerCertificate) -> ScriptedServer.Security {
        switch tls {
        case .implicit: .implicit(certificate)
        case .starttls: .startTLS(certificate)
        case .none: .plain
        }
    }
}

/// What `body` throws, as a failure.
func thrown<Result>(by body: () async throws -> Result) async throws -> Failure {
    do {
        _ = try await body()
    } catch let failure as Failure {
        return failure
    }
    throw NothingFailed()
}

struct NothingFailed: Error {}

/// Meets deadlines that are ever longer until a failure says `part`: on a busy machine a short one passes before the
/// stage is reached that the failure tells of.
func deadlineMet(_ part: String, _ attempt: (Duration) async throws -> Failure) async throws {
    var reasons: [String] = []
    for deadline in [Duration.milliseconds(500), .seconds(3), .seconds(20)] {
        let failure = try await attempt(deadline)
        #expect(failure.reason.contains("within "))
        #expect(failure.retry == .later(after: nil))
        if failure.reason.contains(part) { return }
        reasons.append(failure.reason)
    }
    Issue.record("no failure says “\(part)”: \(reasons)")
}

extension Connection {
    /// The next `count` bytes.
    func readExactly(_ count: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count < count {
            let chunk = try await read(timeout: .seconds(60))
            guard !chunk.isEmpty else { return all }
            all += chunk
        }
        return all
    }

    func readToEnd() async throws -> [UInt8] { try await readExactly(.max) }
    func write(_ text: String) async throws { try await write(bytes(text), timeout: .seconds(60)) }
}

/// Ends a hang.
func within<Result: Sendable>(
    what: String, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result { try await within(TestSupport.Limits.wait, what, body) }
