import Diagnostics
import TestSupport
import Testing

@testable import Transport

@Suite("What is told of a certificate") struct CertificateFactsTests {
    @Test("names are the alternative ones, else the subject")
    func names() {
        let named = CertificateFacts([
            "Subject:CN = a.test", "Issuer:CN = Someone",
            "X509v3 Subject Alternative Name:DNS:a.test, DNS:*.b.test, IP Address:127.0.0.1",
            "Expire date:Nov 27 00:26:34 2036 GMT",
        ])
        #expect(named?.names == ["a.test", "*.b.test", "127.0.0.1"])
        #expect(named?.issuer == "CN = Someone")
        #expect(named?.notAfter?.description == "2036-11-27T00:26:34Z")
        #expect(CertificateFacts(["Subject:CN = a.test"])?.names == ["CN = a.test"])
        #expect(CertificateFacts([]) == nil)
    }

    @Test(
        "a moment is one in OpenSSL's form, or none",
        arguments: ["", "Nov 27", "Foo  1 00:00:00 2027 GMT", "2027-01-01"])
    func none(text: String) { #expect(CertificateFacts.moment(text) == nil) }

    @Test("one digit for the day")
    func day() { #expect(CertificateFacts.moment("Jan  2 03:04:05 2027 GMT")?.description == "2027-01-02T03:04:05Z") }
}

@Suite("A connection that is only tried") struct ConnectionTrialTests {
    @Test("tells how far it came, to which address, and with which certificate")
    func ready() async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(Opening.text(.imap, .implicit) + "REST", .implicit(certificate))
        let trial = try await Connection.attempt(.local(server.port, .imap, .implicit, trust: trust), on: EventLoop())
        #expect(trial.stage == .ready && trial.failure == nil && trial.isSecure)
        #expect(trial.address == "127.0.0.1" && trial.tried.last == "127.0.0.1")
        #expect(trial.connected != nil && trial.tlsVersion?.hasPrefix("TLSv1.") == true)
        #expect(trial.certificate?.names.contains("localhost") == true && trial.certificate?.notAfter != nil)
    }

    @Test("ends at a closed port, and at a certificate that is not trusted")
    func failing() async throws {
        let closed = try ListeningSocket()
        try closed.refuse()
        let refused = try await Connection.attempt(.local(closed.port, .imap, .implicit), on: EventLoop())
        #expect(refused.stage == .connecting && refused.failure?.reason.contains("nothing listens there") == true)
        #expect(refused.address == nil && refused.tried.contains("127.0.0.1"))
        let certificate = try await ServerCertificate.selfSigned()
        let server = try await ScriptedServer.start(Opening.text(.imap, .implicit) + "REST", .implicit(certificate))
        let untrusted = try await Connection.attempt(.local(server.port, .imap, .implicit), on: EventLoop())
        #expect(untrusted.stage == .tls && !untrusted.isSecure && untrusted.failure != nil)
        #expect(untrusted.address == "127.0.0.1")
    }
}
