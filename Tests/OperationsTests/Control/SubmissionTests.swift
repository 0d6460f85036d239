import ControlSupport
import Glibc
import MailModel
import Operations
import TestSupport
import Testing

@Suite("Handing in a message")
struct SubmissionTests {
    static let message = Array("From: a@b\r\n\r\nHello.\r\n".utf8)
    static let type = ["Content-Type": "message/rfc822"]

    @Test("carries the envelope from the query and the key from its header")
    func envelope() async throws {
        try await RunningServer.run { running in
            let target =
                "/v1/messages?account=support&from=a%2Btag%40contoso.de&to=x%40example.org&to=y%26z%40example.org"
                + "&recipients_from_header=true&at=2026-11-21T09:30:00Z&priority=-2&full_name=Anna%20B"
            let response = try #require(
                await running.ask(
                    "POST", target, headers: ["Content-Type": "message/rfc822", "Idempotency-Key": "k-1"],
                    body: Self.message))
            #expect(response.status == 201)
            #expect(response.text.contains(#""id":"01KAK5RZ7G0001""#))
            let received = try #require(running.plane.received.first)
            let expected = Submission(
                account: AccountName("support"), sender: "a+tag@contoso.de",
                recipients: ["x@example.org", "y&z@example.org"], recipientsFromHeader: true, fullName: "Anna B",
                at: .start, priority: -2, idempotencyKey: "k-1",
                peer: Peer(user: getuid(), group: getgid(), process: getpid()))
            #expect(received.submission == expected)
            #expect(received.content == Self.message)
        }
    }

    @Test("is the same message under the same key, and refused with another one")
    func idempotency() async throws {
        try await RunningServer.run { running in
            let headers = ["Content-Type": "message/rfc822", "Idempotency-Key": "k"]
            let first = await running.ask("POST", "/v1/messages", headers: headers, body: Self.message)
            let again = await running.ask("POST", "/v1/messages", headers: headers, body: Self.message)
            let other = await running.ask("POST", "/v1/messages", headers: headers, body: [65])
            #expect(first?.text.contains(#""duplicate":false"#) == true)
            #expect(again?.text.contains(#""duplicate":true"#) == true)
            #expect(other?.status == 422)
        }
    }

    @Test(
        "is refused before anything is read when the request makes no sense",
        arguments: [
            ("/v1/messages", ["Content-Type": "text/plain"], 400), ("/v1/messages", [:], 400),
            ("/v1/messages?at=tomorrow", type, 400), ("/v1/messages?at=2026-02-30T00:00:00Z", type, 400),
            ("/v1/messages?priority=10", type, 400), ("/v1/messages?account=No!", type, 404),
            ("/v1/messages?to=" + String(repeating: "x", count: 400), type, 400),
            ("/v1/messages?" + String(repeating: "to=a%40b&", count: 2001), type, 422),
            ("/v1/messages", type.merging(["Idempotency-Key": String(repeating: "k", count: 256)]) { $1 }, 400),
        ] as [(String, [String: String], Int)])
    func refused(target: String, headers: [String: String], status: Int) async throws {
        try await RunningServer.run { running in
            let response = await running.ask("POST", target, headers: headers, body: Self.message)
            #expect(response?.status == status)
            #expect(running.plane.calls.isEmpty)
        }
    }

    @Test("streams a large one in pieces of bounded size")
    func large() async throws {
        try await RunningServer.run { running in
            let count = 64 << 20
            let conversation = try #require(SocketConversation(path: running.control))
            let head =
                "POST /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: message/rfc822\r\n"
                + "Content-Length: \(count)\r\n\r\n"
            await conversation.write(Array(head.utf8))
            let piece = [UInt8](repeating: 65, count: 1 << 20)
            for _ in 0..<64 { await conversation.write(piece) }
            let response = try #require(SocketConversation.parse(await conversation.readToEnd()))
            #expect(response.status == 201)
            #expect(running.plane.received.first?.octets == count)
            #expect(try #require(running.plane.received.first?.piece) <= 1 << 20)
        }
    }

    @Test("does not read ahead of a daemon that is slow")
    func backPressure() async throws {
        let gate = Gate()
        var script = FakePlane.Script()
        script.beforeReading = { try? await gate.passed() }
        try await RunningServer.run(script) { running in
            let conversation = try #require(SocketConversation(path: running.control))
            let count = 64 << 20
            let head =
                "POST /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: message/rfc822\r\n"
                + "Content-Length: \(count)\r\n\r\n"
            await conversation.write(Array(head.utf8))
            let taken = await conversation.fillUntilFull()
            #expect(taken < 8 << 20)
            gate.open()
            await conversation.write([UInt8](repeating: 65, count: count - taken))
            #expect(SocketConversation.parse(await conversation.readToEnd())?.status == 201)
            #expect(running.plane.received.first?.octets == count)
        }
    }

    @Test(
        "is not accepted when its sender dies in the middle",
        arguments: [
            "Content-Length: 1000\r\n\r\nFrom: a@b\r\n\r\nHel",
            "Transfer-Encoding: chunked\r\n\r\n10\r\nFrom: a@b\r\n\r\nHel\r\n",
            "Transfer-Encoding: chunked\r\n\r\n10\r\nFrom: a@b\r\n", "Content-Length: 1000\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n10\r\nFrom: a@b\r\n\r\nHel\r\n0\r\n",
        ], [true, false])
    func truncated(rest: String, isHalfClosed: Bool) async throws {
        let gate = Gate()
        try await RunningServer.run { running in
            do {
                let conversation = try #require(SocketConversation(path: running.control))
                let head = "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: message/rfc822\r\n"
                await conversation.write(Array((head + rest).utf8))
                if isHalfClosed {
                    conversation.hangUp()
                    _ = await conversation.readToEnd()
                }
            }
            // A later request is answered, so the first has been dealt with or never will be: the server is stopped
            // below, which waits for requests that are running.
            #expect(await running.ask("GET", "/healthz")?.status == 200)
            gate.open()
            return running
        }.plane.expectNothingReceived()
    }

    @Test("does not keep a connection waiting for a body nobody reads")
    func unreadBody() async throws {
        var script = FakePlane.Script()
        script.error = Problem.refused("no")
        try await RunningServer.run(script) { running in
            let body = [UInt8](repeating: 65, count: 3 << 20)
            let response = await running.ask("POST", "/v1/messages", headers: Self.type, body: body)
            #expect(response?.status == 422)
        }
    }
}

extension FakePlane {
    func expectNothingReceived() { #expect(received.isEmpty) }
}
