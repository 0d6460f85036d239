import CHangingNames
import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Transport

@Suite struct NameLookupTests {
    private func hanging(_ name: String, timeout: Duration) -> ConnectionRequest {
        ConnectionRequest(
            .imap, at: Endpoint(host: name + ".hangs.test", port: 993, tls: .implicit), timeout: timeout)
    }

    @Test("a name server that does not answer stops neither the loop nor its other connections")
    func hangs() async throws {
        let loop = EventLoop()
        let server = try await ScriptedServer.start(
            Opening.text(.imap, .none) + String(repeating: "C: ping\nS: pong\n", count: 100) + "REST")
        let other = try await Connection.open(.local(server.port), on: loop)
        let opening = Task {
            try await thrown { try await Connection.open(self.hanging("deadline", timeout: .seconds(1)), on: loop) }
        }
        while hanging_names_waiting() == 0 { await Task.yield() }
        for _ in 0..<50 {
            try await other.write("ping\r\n")
            #expect(try await other.readExactly(6) == bytes("pong\r\n"))
        }
        // The lookup hangs until this test ends, so a loop that waited for it would not get past the deadline.
        let failure = try await within(what: "the deadline") { try await opening.value }
        #expect(failure.reason.contains("No name server answered for deadline.hangs.test within 1 s"))
        try await within(what: "the loop to answer") { await loop.ping() }
        for _ in 0..<50 {
            try await other.write("ping\r\n")
            #expect(try await other.readExactly(6) == bytes("pong\r\n"))
        }
        await other.close()
    }

    @Test("whoever gives up during a lookup that hangs is let go at once")
    func cancelled() async throws {
        let loop = EventLoop()
        let task = Task { try await Connection.open(self.hanging("cancelled", timeout: .seconds(600)), on: loop) }
        while hanging_names_waiting() == 0 { await Task.yield() }
        task.cancel()
        try await within(what: "the end of the attempt") {
            await #expect(throws: CancellationError.self) { try await task.value }
            await loop.ping()
        }
    }

    @Test("an HTTPS request does not wait for a lookup that hangs either")
    func https() async throws {
        let client = HTTPSClient(loop: EventLoop())
        let failure = try await within(what: "the deadline") {
            try await thrown {
                try await client.send(HTTPRequest("GET", "https://token.hangs.test/", timeout: .milliseconds(300)))
            }
        }
        #expect(failure.reason.contains("No name server answered for token.hangs.test within 300 ms"))
    }
}
