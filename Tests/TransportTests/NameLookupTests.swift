import CHangingNames
import Diagnostics
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Transport

/// Each in a process of its own: only its lookups hang there, and whatever waits for one that never ends is ended by
/// SIGALRM instead of stopping all tests.
@Suite struct NameLookupTests {
    private static let patience: UInt32 = 60

    @Test(
        "a name server that does not answer stops neither the loop nor its other connections, nor the process's end")
    func hangs() async {
        await #expect(processExitsWith: .success) {
            alarm(Self.patience)
            let loop = EventLoop()
            let server = try await ScriptedServer.start(
                Opening.text(.imap, .none) + String(repeating: "C: ping\nS: pong\n", count: 100) + "REST")
            let other = try await Connection.open(.local(server.port), on: loop)
            let opening = Task {
                try await thrown { try await Connection.open(.hanging(timeout: .seconds(1)), on: loop) }
            }
            await Self.lookups(atLeast: 1)
            try await other.pingPong(50)
            // The lookup never ends: a loop that waited for it would not get past the deadline.
            let failure = try await opening.value
            #expect(failure.reason.contains("No name server answered for mail.hangs.test within 1 s"))
            await loop.ping()
            try await other.pingPong(50)
            #expect(hanging_names_waiting() == 1)
        }
    }

    @Test("whoever gives up during lookups that hang is let go at once, and so is the loop")
    func cancelled() async {
        await #expect(processExitsWith: .success) {
            alarm(Self.patience)
            let count = 20
            weak var left: EventLoop?
            do {
                let loop = EventLoop()
                left = loop
                let tasks = (0..<count).map { _ in
                    Task { try await Connection.open(.hanging(timeout: .seconds(600)), on: loop) }
                }
                await Self.lookups(atLeast: Int32(count))
                for task in tasks { task.cancel() }
                for task in tasks { await #expect(throws: CancellationError.self) { try await task.value } }
                await loop.ping()
            }
            while left != nil { await Task.yield() }
            #expect(hanging_names_waiting() == count)
        }
    }

    @Test("a lookup that ends after its connection was given up harms nothing")
    func late() async {
        await #expect(processExitsWith: .success) {
            alarm(Self.patience)
            let loop = EventLoop()
            let tasks = (0..<20).map { _ in
                Task { try await Connection.open(.hanging(timeout: .seconds(600)), on: loop) }
            }
            await Self.lookups(atLeast: 20)
            for task in tasks.prefix(10) { task.cancel() }
            hanging_names_release()
            for task in tasks.prefix(10) { await #expect(throws: (any Error).self) { try await task.value } }
            for task in tasks.suffix(10) {
                let failure = try await thrown { try await task.value }
                #expect(failure.reason.contains("mail.hangs.test could not be found"))
            }
            while hanging_names_waiting() > 0 { await Task.yield() }
            let server = try await ScriptedServer.start(Opening.text(.imap, .none) + "C: ping\nS: pong\nREST")
            try await Connection.open(.local(server.port), on: loop).pingPong(1)
        }
    }

    @Test("an HTTPS request does not wait for a lookup that hangs either, and can be cancelled in it")
    func https() async {
        await #expect(processExitsWith: .success) {
            alarm(Self.patience)
            let client = HTTPSClient(loop: EventLoop())
            let failure = try await thrown {
                try await client.send(HTTPRequest("GET", "https://token.hangs.test/", timeout: .milliseconds(300)))
            }
            #expect(failure.reason.contains("No name server answered for token.hangs.test within 300 ms"))
            let task = Task {
                try await client.send(HTTPRequest("GET", "https://token.hangs.test/", timeout: .seconds(600)))
            }
            await Self.lookups(atLeast: 2)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    /// Returns once so many lookups hang.
    private static func lookups(atLeast count: Int32) async {
        while hanging_names_waiting() < count { await Task.yield() }
    }
}

extension ConnectionRequest {
    fileprivate static func hanging(timeout: Duration) -> ConnectionRequest {
        ConnectionRequest(
            .imap, at: Endpoint(host: "mail.hangs.test", port: 993, tls: .implicit), timeout: timeout)
    }
}

extension Connection {
    /// So many small exchanges with a server that answers `ping` with `pong`.
    func pingPong(_ count: Int) async throws {
        for _ in 0..<count {
            try await write("ping\r\n")
            #expect(try await readExactly(6) == bytes("pong\r\n"))
        }
    }
}
