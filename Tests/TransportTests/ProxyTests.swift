import Diagnostics
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

/// Proxies played by scripted servers, which go on as the mail server once the tunnel stands. The host behind them
/// exists for them only.
@Suite struct ProxyTests {
    private static let password = "pr0xy-s3cret"
    private static let connect = "C: CONNECT mail.example.test:993 HTTP/1.1\nC/\n"
    private static let tunnel = "S+ HTTP/1.1 200 Connection established\nS:\n"

    private static func proxy(_ scheme: String, _ port: Int, user: String? = nil, except: [String] = []) -> Proxy {
        Proxy(
            url: "\(scheme)://localhost:\(port)", user: user, password: user.map { _ in Secret(password) },
            except: except)
    }

    private static func request(
        _ proxy: Proxy, _ tls: Endpoint.TLSMode = .implicit, host: String = "mail.example.test", port: Int = 993,
        trust: TrustSettings = TrustSettings(), timeout: Duration = .seconds(60)
    ) -> ConnectionRequest {
        ConnectionRequest(
            .imap, at: Endpoint(host: host, port: port, tls: tls), trust: trust, proxy: proxy, timeout: timeout)
    }

    @Test(
        "a mail connection goes through an HTTP proxy, which finds the host", arguments: [nil, "anna"] as [String?])
    func http(user: String?) async throws {
        let certificate = try await ServerCertificate.wrongName()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(
            Self.connect + Self.tunnel + "TLS\n" + Opening.text(.imap, .implicit) + "C: ping\nS: pong\nREST",
            .startTLS(certificate))
        let connection = try await Connection.open(
            Self.request(Self.proxy("http", server.port, user: user), trust: trust), on: EventLoop())
        // The proxy's own header fields are not taken for the server's greeting.
        #expect(await connection.preamble.greeting == bytes("* OK ready\r\n"))
        try await connection.pingPong(1)
        let lines = server.records.first?.transcript.clientLines ?? []
        let given = lines.first { $0.hasPrefix("Proxy-Authorization: ") }
        let basic = SASLResponse.basic("anna:\(Self.password)")
        #expect(given == user.map { _ in "Proxy-Authorization: Basic \(basic)" })
        await connection.close()
    }

    @Test("STARTTLS is asked for behind the proxy, and required there too")
    func startTLS() async throws {
        let certificate = try await ServerCertificate.wrongName()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(
            Self.connect + Self.tunnel + Opening.text(.imap, .starttls) + "C: ping\nS: pong\nREST",
            .startTLS(certificate))
        let connection = try await Connection.open(
            Self.request(Self.proxy("http", server.port), .starttls, trust: trust), on: EventLoop())
        #expect(await connection.preamble.capabilities.starts(with: bytes("* CAPABILITY IMAP4rev1 SECURE")))
        try await connection.pingPong(1)
        await connection.close()
    }

    @Test(
        "a proxy is itself reached over TLS, and its certificate is verified", arguments: [nil, "anna"] as [String?])
    func https(user: String?) async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(
            "C: CONNECT localhost:143 HTTP/1.1\nC/\n" + Self.tunnel + Opening.text(.imap, .none)
                + "C: ping\nS: pong\nREST",
            .implicit(certificate))
        let proxy = Self.proxy("https", server.port, user: user)
        let connection = try await Connection.open(
            Self.request(proxy, .none, host: "localhost", port: 143, trust: trust), on: EventLoop())
        try await connection.pingPong(1)
        await connection.close()
        let failure = try await thrown {
            try await Connection.open(Self.request(proxy, .none, host: "localhost", port: 143), on: EventLoop())
        }
        #expect(!failure.description.contains(Self.password))
    }

    @Test("a mail connection goes through a SOCKS proxy", arguments: [nil, "anna"] as [String?])
    func socks(user: String?) async throws {
        let certificate = try await ServerCertificate.localhost()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        // RFC 1928 §3 to §6, RFC 1929 §2.
        let hello = user == nil ? "C= 3\nS- \\x05\\x00\n" : "C= 4\nS- \\x05\\x02\n"
        let signIn = user == nil ? "" : "C= \(3 + 4 + Self.password.utf8.count)\nS- \\x01\\x00\n"
        let server = try await ScriptedServer.start(
            hello + signIn + "C= 10\nS- \\x05\\x00\\x00\\x01\\x7F\\x00\\x00\\x01\\x00\\x01\nTLS\n"
                + Opening.text(.imap, .implicit) + "C: ping\nS: pong\nREST",
            .startTLS(certificate))
        let connection = try await Connection.open(
            Self.request(
                Self.proxy("socks5", server.port, user: user), host: "127.0.0.1", port: 993, trust: trust),
            on: EventLoop())
        try await connection.pingPong(1)
        let sent = server.records.first?.transcript.clientBytes ?? []
        let anna = [1, 4] + bytes("anna") + [UInt8(Self.password.utf8.count)] + bytes(Self.password)
        #expect(sent.starts(with: user == nil ? [5, 1, 0] : [5, 2, 0, 2] + anna))
        let target: [UInt8] = [5, 1, 0, 1, 127, 0, 0, 1, 3, 0xE1]
        #expect(sent.dropFirst(user == nil ? 3 : 4 + anna.count).starts(with: target))
        await connection.close()
    }

    @Test("an exception is connected to directly, and so is this machine over HTTPS")
    func exceptions() async throws {
        let proxy = try await ScriptedServer.start("REST")
        let server = try await ScriptedServer.start(Opening.text(.imap, .none) + "C: ping\nS: pong\nREST")
        let connection = try await Connection.open(
            Self.request(
                Self.proxy("http", proxy.port, except: ["localhost"]), .none, host: "localhost", port: server.port),
            on: EventLoop())
        try await connection.pingPong(1)
        await connection.close()
        let secure = try await SecureServer.start(HTTPDialog.answer("200 OK") + "REST")
        var request = secure.request("GET")
        request.proxy = Self.proxy("http", proxy.port)
        #expect(try await HTTPSClient(loop: EventLoop()).send(request).status == 200)
        #expect(proxy.records.isEmpty)
    }

    @Test("an HTTPS request goes through the proxy", arguments: [nil, "anna"] as [String?])
    func httpsRequest(user: String?) async throws {
        let certificate = try await ServerCertificate.wrongName()
        let (directory, trust) = try certificate.trusted()
        defer { withExtendedLifetime(directory) {} }
        let server = try await ScriptedServer.start(
            "C: CONNECT mail.example.test:443 HTTP/1.1\nC/\n" + Self.tunnel + "TLS\n"
                + HTTPDialog.answer("200 OK", body: "through") + "REST", .startTLS(certificate))
        var request = HTTPRequest("GET", "https://mail.example.test/token", trust: trust)
        request.headers["Authorization"] = "Bearer t0ken"
        request.proxy = Self.proxy("http", server.port, user: user)
        let response = try await HTTPSClient(loop: EventLoop()).send(request)
        #expect(response.body == bytes("through"))
        // Only one status line and its fields: not the proxy's.
        #expect(response.headers.fields.count == 1)
        let lines = server.records.first?.transcript.clientLines ?? []
        let end = try #require(lines.firstIndex(of: "GET /token HTTP/1.1"))
        #expect(!lines[..<end].contains { $0.contains("t0ken") })
        #expect(!lines[end...].contains { $0.hasPrefix("Proxy-") })
        #expect(lines[..<end].contains { $0.hasPrefix("Proxy-Authorization: Basic ") } == (user != nil))
    }

    private static let refusals = [
        ("407 Proxy Authentication Required", "407"), ("502 Bad Gateway", "502"), ("403 Forbidden", "403"),
    ]

    @Test("a proxy that refuses is named, with what it said", arguments: refusals)
    func refused(status: String, shown: String) async throws {
        let server = try await ScriptedServer.start(
            "C/\nS+ HTTP/1.1 \(status)\nS+ Proxy-Authenticate: Basic realm=x\nS+ Content-Length: 0\nS:\nREST")
        let proxy = Self.proxy("http", server.port, user: "anna")
        let mail = try await thrown { try await Connection.open(Self.request(proxy), on: EventLoop()) }
        var request = HTTPRequest("POST", "https://mail.example.test/", operation: "refresh token")
        request.proxy = proxy
        let https = try await thrown { [request] in try await HTTPSClient(loop: EventLoop()).send(request) }
        for failure in [mail, https] {
            #expect(failure.reason.contains("The proxy http://localhost:\(server.port) does not lead to"))
            #expect(failure.reason.contains(shown))
            #expect(failure.retry == .later(after: nil))
            check(failure)
        }
    }

    @Test(
        "a SOCKS proxy that refuses is named",
        arguments: ["S- \\x05\\xFF", "S- \\x05\\x00\nC= 10\nS- \\x05\\x02\\x00\\x01\\x00\\x00\\x00\\x00\\x00\\x00"])
    func socksRefused(answer: String) async throws {
        let server = try await ScriptedServer.start("C= 3\n\(answer)\nREST")
        let failure = try await thrown {
            try await Connection.open(
                Self.request(Self.proxy("socks5", server.port), host: "127.0.0.1"), on: EventLoop())
        }
        #expect(failure.reason.contains("The proxy socks5://localhost:\(server.port) refused"))
    }

    @Test("a password that a SOCKS proxy refuses is in no failure")
    func socksPassword() async throws {
        let server = try await ScriptedServer.start("C= 4\nS- \\x05\\x02\nC= 19\nS- \\x01\\x01\nREST")
        let failure = try await thrown {
            try await Connection.open(
                Self.request(Self.proxy("socks5", server.port, user: "anna"), host: "127.0.0.1"), on: EventLoop())
        }
        #expect(failure.reason.contains("The proxy socks5://localhost:\(server.port) refused"))
        check(failure)
    }

    @Test("a proxy where nobody listens is named", arguments: ["http", "https", "socks5"])
    func absent(scheme: String) async throws {
        let server = try ListeningSocket()
        try server.refuse()
        let proxy = Self.proxy(scheme, server.port, user: "anna")
        let failure = try await thrown {
            try await Connection.open(Self.request(proxy, host: "127.0.0.1"), on: EventLoop())
        }
        #expect(failure.reason.contains("The proxy \(scheme)://localhost:\(server.port) refused the connection"))
        check(failure)
    }

    private static let stages = ["", "C/\n", "C/\nS: HTTP/1.1 200 OK\n", "C/\n" + tunnel]

    @Test("a proxy that goes silent meets the deadline", arguments: stages)
    func stalls(stage: String) async throws {
        let server = try await ScriptedServer.start(stage + "STALL")
        let proxy = Self.proxy("http", server.port, user: "anna")
        let via = "through the proxy http://localhost:\(server.port)"
        try await deadlineMet(via) { deadline in
            let failure = try await thrown {
                try await Connection.open(Self.request(proxy, timeout: deadline), on: EventLoop())
            }
            check(failure)
            return failure
        }
        try await deadlineMet(via) { deadline in
            var request = HTTPRequest("POST", "https://mail.example.test/", timeout: deadline)
            request.proxy = proxy
            let failure = try await thrown { [request] in try await HTTPSClient(loop: EventLoop()).send(request) }
            check(failure)
            return failure
        }
    }

    @Test("a proxy that hangs up is a failure", arguments: stages)
    func hangsUp(stage: String) async throws {
        let server = try await ScriptedServer.start(stage + "CLOSE")
        let proxy = Self.proxy("http", server.port, user: "anna")
        let mail = try await thrown { try await Connection.open(Self.request(proxy), on: EventLoop()) }
        var request = HTTPRequest("POST", "https://mail.example.test/")
        request.proxy = proxy
        let https = try await thrown { [request] in try await HTTPSClient(loop: EventLoop()).send(request) }
        for failure in [mail, https] { check(failure) }
    }

    @Test("a proxy named in the environment is not taken")
    func environment() async {
        // In a process of its own, whose environment may be changed.
        await #expect(processExitsWith: .success) {
            alarm(60)
            let proxy = try await ScriptedServer.start("REST")
            for name in ["http", "https", "imap", "imaps", "pop3", "smtp", "all"] {
                setenv("\(name)_proxy", "http://localhost:\(proxy.port)", 1)
                setenv("\(name.uppercased())_PROXY", "http://localhost:\(proxy.port)", 1)
            }
            unsetenv("no_proxy")
            unsetenv("NO_PROXY")
            let server = try await ScriptedServer.start(Opening.text(.imap, .none) + "C: ping\nS: pong\nREST")
            let connection = try await Connection.open(.local(server.port), on: EventLoop())
            try await connection.pingPong(1)
            await connection.close()
            let secure = try await SecureServer.start(HTTPDialog.answer("200 OK") + "REST")
            #expect(try await HTTPSClient(loop: EventLoop()).send(secure.request("GET")).status == 200)
            #expect(proxy.records.isEmpty)
        }
    }

    /// Neither the password nor what the proxy is sent of it.
    private func check(_ failure: Failure) {
        let basic = SASLResponse.basic("anna:\(Self.password)")
        for text in ["\(failure)", String(reflecting: failure)] {
            #expect(!text.contains(Self.password))
            #expect(!text.contains(basic))
        }
    }
}
