import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Transport

@Suite struct TrustTests {
    private func open(
        _ certificate: ServerCertificate, trust: TrustSettings, _ tls: Endpoint.TLSMode = .implicit,
        host: String = "localhost"
    ) async throws -> Connection {
        let server = try await ScriptedServer.start(Opening.text(.imap, tls) + "REST", .mode(tls, certificate))
        let request = ConnectionRequest(
            .imap, at: Endpoint(host: host, port: server.port, tls: tls), trust: trust)
        let connection = try await Connection.open(request, on: EventLoop())
        await connection.close()
        return connection
    }

    private static let modes: [Endpoint.TLSMode] = [.implicit, .starttls]

    @Test("an issuer the system does not know is not trusted", arguments: modes)
    func untrusted(tls: Endpoint.TLSMode) async throws {
        let certificate = try await ServerCertificate.localhost()
        let failure = try await thrown { try await open(certificate, trust: TrustSettings(), tls) }
        #expect(failure.reason.contains("issuer that is not trusted"))
        #expect(failure.reason.contains("ca_file"))
        #expect(failure.scope == .direction)
    }

    @Test("an added issuer is trusted", arguments: modes)
    func added(tls: Endpoint.TLSMode) async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        _ = try await open(certificate, trust: trust, tls)
        _ = try await open(certificate, trust: trust, tls, host: "127.0.0.1")
    }

    @Test("a certificate for another name is refused")
    func wrongName() async throws {
        let certificate = try await ServerCertificate.wrongName()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let failure = try await thrown { try await open(certificate, trust: trust) }
        #expect(failure.reason.contains("is for another name than localhost"))
        #expect(failure.reason.contains("certificate_name"))
    }

    @Test("a certificate for the configured name is accepted, wherever it is", arguments: modes)
    func certificateName(tls: Endpoint.TLSMode) async throws {
        let certificate = try await ServerCertificate.wrongName()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        var named = trust
        named.certificateName = "mail.example.test"
        _ = try await open(certificate, trust: named, tls)
        named.certificateName = "other.example.test"
        let failure = try await thrown { try await open(certificate, trust: named, tls) }
        #expect(failure.reason.contains("is for another name than other.example.test"))
    }

    @Test("an expired certificate is refused")
    func expired() async throws {
        let certificate = try await ServerCertificate.expired()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let failure = try await thrown { try await open(certificate, trust: trust) }
        #expect(failure.reason.contains("has expired"))
    }

    @Test("a self-signed certificate is refused unless it is added")
    func selfSigned() async throws {
        let certificate = try await ServerCertificate.selfSigned()
        let failure = try await thrown { try await open(certificate, trust: TrustSettings()) }
        #expect(failure.reason.contains("self-signed"))
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        _ = try await open(certificate, trust: trust)
    }

    @Test("the insecure switch accepts anybody, for its own connections only")
    func insecure() async throws {
        let certificate = try await ServerCertificate.wrongName()
        _ = try await open(certificate, trust: TrustSettings(verifyCertificate: false))
        let failure = try await thrown { try await open(certificate, trust: TrustSettings()) }
        #expect(failure.reason.contains("not trusted"))
    }

    @Test("one loop keeps connections of different trust apart")
    func apart() async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(Opening.text(.imap, .implicit) + "REST", .implicit(certificate))
        let loop = EventLoop()
        for _ in 0..<3 {
            let connection = try await Connection.open(
                .local(server.port, .imap, .implicit, trust: trust), on: loop)
            let failure = try await thrown {
                try await Connection.open(.local(server.port, .imap, .implicit), on: loop)
            }
            #expect(failure.reason.contains("not trusted"))
            await connection.close()
        }
    }

    @Test("the system's certificates are trusted beside the added ones")
    func merged() async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let bundle = try await CABundles.shared.bundle(for: trust)
        let text = try Directory.text(of: bundle.path)
        #expect(text.hasPrefix(try Directory.text(of: CABundle.system.path)))
        #expect(text.hasSuffix(certificate.authority))
        #expect(try await CABundles.shared.bundle(for: trust) === bundle)
    }

    @Test("a changed file of added certificates is read again")
    func changed() async throws {
        let directory = try TemporaryDirectory(prefix: "trust")
        let (one, other) = (try await ServerCertificate.selfSigned(), try await ServerCertificate.selfSigned())
        let trust = TrustSettings(caFile: try directory.file("ca.pem", one.authority))
        _ = try await open(one, trust: trust)
        try directory.file("ca.pem", other.authority)
        _ = try await open(other, trust: trust)
        let failure = try await thrown { try await open(one, trust: trust) }
        #expect(failure.reason.contains("not trusted"))
    }

    @Test("a file of added certificates that cannot be used is named", arguments: ["missing.pem", "empty.pem"])
    func unusable(name: String) async throws {
        let directory = try TemporaryDirectory(prefix: "trust")
        try directory.file("empty.pem", "no certificate\n")
        let certificate = try await ServerCertificate.localhost()
        let failure = try await thrown {
            try await open(certificate, trust: TrustSettings(caFile: directory(name)))
        }
        #expect(failure.reason.contains(directory(name)))
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
    }

    @Test("STARTTLS that is not offered is not done without", arguments: MailService.allCases)
    func stripped(service: MailService) async throws {
        let text =
            switch service {
            case .imap: "S: * OK hi\nC: $t CAPABILITY\nS+ * CAPABILITY IMAP4rev1\nS: $t OK\nREST"
            case .pop3: "S: +OK hi\nC: CAPA\nS+ +OK\nS: .\nREST"
            case .smtp: "S: 220 hi\nC: EHLO $n\nS: 250 OK\nREST"
            }
        let server = try await ScriptedServer.start(text)
        let failure = try await thrown {
            try await Connection.open(.local(server.port, service, .starttls), on: EventLoop())
        }
        #expect(failure.reason.contains("does not offer STARTTLS"))
    }

    @Test("what is put behind the reply to STARTTLS in clear is refused", arguments: MailService.allCases)
    func injected(service: MailService) async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let go =
            switch service {
            case .imap: ("S: $t2 OK go", "S+ $t2 OK go\nS: * CAPABILITY EVIL")
            case .pop3: ("S: +OK go", "S+ +OK go\nS: +OK EVIL")
            case .smtp: ("S: 220 go", "S+ 220 go\nS: 250 EVIL")
            }
        let text = Opening.text(service, .starttls).replacing(go.0, with: go.1)
        let server = try await ScriptedServer.start(text, .startTLS(certificate))
        _ = try await thrown {
            try await Connection.open(.local(server.port, service, .starttls, trust: trust), on: EventLoop())
        }
    }

    @Test("a server without TLS on a port for TLS is told apart")
    func plainOnTLSPort() async throws {
        let server = try await ScriptedServer.start("S: * OK hi\nREST")
        let failure = try await thrown {
            try await Connection.open(.local(server.port, .imap, .implicit), on: EventLoop())
        }
        #expect(failure.reason.contains("does not speak TLS"))
        #expect(failure.reason.contains("starttls"))
    }
}
