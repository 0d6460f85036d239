import Diagnostics
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

@Suite struct HTTPSClientTests {
    @Test(
        "the answer is told as it is, whatever its status, and no redirect is followed",
        arguments: [
            "200 OK", "201 Created", "302 Found", "307 Temporary Redirect", "400 Bad Request", "401 Unauthorized",
            "404 Not Found", "429 Too Many Requests", "503 Service Unavailable",
        ])
    func status(status: String) async throws {
        let server = try await SecureServer.start(
            HTTPDialog.answer(
                status, ["Location: /elsewhere", "Retry-After: 120", "X-Two: a", "x-two:  b "], body: "{\"a\": 1}")
                + "REST")
        let response = try await HTTPSClient(loop: EventLoop()).send(server.request("GET", "/token"))
        #expect(response.status == Int(status.prefix(3)))
        #expect(response.headers["retry-after"] == "120")
        #expect(response.headers.values(of: "X-TWO") == ["a", "b"])
        #expect(response.body == bytes("{\"a\": 1}"))
        try await server.scripted.finished()
        #expect(server.lines.count { $0.hasSuffix("HTTP/1.1") } == 1)
    }

    @Test("method, fields and body reach the server as they were given, and nothing is added that was not asked for")
    func request() async throws {
        let server = try await SecureServer.start(
            "C/\nC= 11\n" + HTTPDialog.response("204 No Content") + "REST")
        var request = server.request("POST", "/a%20b?q=%C3%BC&r")
        request.headers = ["Authorization": "Bearer abc", "Content-Type": "text/plain", "X-Empty": ""]
        request.body = .bytes(bytes("hello\r\nyou\0"))
        #expect(try await HTTPSClient(loop: EventLoop()).send(request).status == 204)
        let lines = server.lines
        #expect(lines.first == "POST /a%20b?q=%C3%BC&r HTTP/1.1")
        let expected: Set = [
            "Host: localhost:\(server.scripted.port)", "Authorization: Bearer abc", "Content-Type: text/plain",
            "X-Empty:", "Content-Length: 11", "Accept: */*",
        ]
        #expect(Set(lines[1...].prefix(expected.count)) == expected)
        #expect(server.bytes.suffix(11) == bytes("hello\r\nyou\0")[...])
    }

    @Test("a request without a body says so where the method could have one", arguments: ["POST", "PUT", "PATCH"])
    func emptyBody(method: String) async throws {
        let server = try await SecureServer.start(HTTPDialog.answer("200 OK") + "REST")
        _ = try await HTTPSClient(loop: EventLoop()).send(server.request(method))
        #expect(server.lines.first == "\(method) / HTTP/1.1")
        #expect(server.lines.contains("Content-Length: 0"))
    }

    @Test("the answer to HEAD has no body, whatever length it tells")
    func head() async throws {
        let server = try await SecureServer.start("C/\nS+ HTTP/1.1 200 OK\nS+ Content-Length: 5000\nS:\nREST")
        let response = try await HTTPSClient(loop: EventLoop()).send(server.request("HEAD"))
        #expect(response.headers["Content-Length"] == "5000")
        #expect(response.body.isEmpty)
    }

    @Test("an interim response is not the answer")
    func interim() async throws {
        let server = try await SecureServer.start(
            "C/\nS+ HTTP/1.1 103 Early Hints\nS+ Link: x\nS:\n" + HTTPDialog.response("200 OK", body: "end") + "REST")
        let response = try await HTTPSClient(loop: EventLoop()).send(server.request("GET"))
        #expect(response.status == 200)
        #expect(response.headers["Link"] == nil)
        #expect(response.body == bytes("end"))
    }

    @Test("a body in chunks is put together")
    func chunked() async throws {
        let server = try await SecureServer.start(
            """
            C/
            S+ HTTP/1.1 200 OK
            S+ Transfer-Encoding: chunked
            S:
            S: 3
            S: abc
            S+ 4;x=y
            S+ defg
            S: 0
            S:
            REST
            """)
        #expect(try await HTTPSClient(loop: EventLoop()).send(server.request("GET")).body == bytes("abcdefg"))
    }

    @Test("a longer body than allowed is a failure, and one just as long is not", arguments: [true, false])
    func bodyLimit(declared: Bool) async throws {
        let length = declared ? "S+ Content-Length: 1000\n" : ""
        let server = try await SecureServer.start("C/\nS+ HTTP/1.1 200 OK\n\(length)S:\nS= 1000\nCLOSE")
        var request = server.request("GET")
        request.responseLimit = 1000
        let client = HTTPSClient(loop: EventLoop())
        #expect(try await client.send(request).body == Filler.bytes(1000))
        request.responseLimit = 999
        let failure = try await thrown { try await client.send(request) }
        #expect(failure.reason.contains("sent a longer response than 999 bytes"))
        #expect(failure.scope == .account)
    }

    @Test("more header fields than anybody needs are a failure")
    func headerLimit() async throws {
        let field = "S+ X-Filling: " + String(repeating: "x", count: 1000) + "\n"
        let server = try await SecureServer.start(
            "C/\nS+ HTTP/1.1 200 OK\n" + String(repeating: field, count: 70) + "S:\nREST")
        let failure = try await thrown { try await HTTPSClient(loop: EventLoop()).send(server.request("GET")) }
        #expect(failure.reason.contains("more header fields than 65536 bytes"))
    }

    @Test("several requests are under way at once, and one that hangs holds up no other")
    func concurrent() async throws {
        let answer = HTTPDialog.response("200 OK", body: "done")
        let server = try await SecureServer.start("C/\nWAIT go\n" + answer + "REST", "C/\n" + answer + "REST")
        let client = HTTPSClient(loop: EventLoop())
        let slow = Task { try await client.send(server.request("POST", timeout: .seconds(600))) }
        try await server.scripted.records("the first request") { $0.first?.transcript.clientBytes.isEmpty == false }
        for _ in 0..<3 { #expect(try await client.send(server.request("POST")).status == 200) }
        server.scripted.proceed("go")
        #expect(try await slow.value.body == bytes("done"))
    }
}
