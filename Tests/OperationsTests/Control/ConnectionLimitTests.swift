import ControlSupport
import Glibc
import TestSupport
import Testing

@testable import Operations

@Suite("Connections of one user")
struct ConnectionLimitTests {
    @Test("are as many as allowed and no more, keep nobody else out, and make room when they end")
    func limit() async throws {
        try #require(getuid() == 0, "changing the user needs root")
        let nobody = try #require(SystemAccounts().user("nobody"))
        // On a busy machine the first connection has been silent for long when the last one is made.
        try await RunningServer.run(silence: .seconds(3600)) { running in
            var held: [SocketConversation] = []
            for _ in 0..<Operations.Limits.connectionsOfOneUser {
                let conversation = try #require(SocketConversation(path: running.submit))
                // Its connection counts once it is answered.
                #expect(await conversation.isAnswered())
                held.append(conversation)
            }
            let excess = try #require(SocketConversation(path: running.submit))
            #expect(await !excess.isAnswered())
            #expect(await excess.readToEnd().isEmpty)
            #expect(try await running.healthSeen(by: nobody, at: running.submit) == 200)
            // The other socket has its own count.
            #expect(await running.ask("GET", "/healthz")?.status == 200)
            for conversation in held { #expect(await conversation.isAnswered()) }

            held.removeLast()
            // The server takes note of it in its own time.
            try await within(TestSupport.Limits.wait, "room for another connection") {
                while await SocketConversation(path: running.submit)?.isAnswered() != true {
                    try Task.checkCancellation()
                }
            }
        }
    }
}

extension SocketConversation {
    /// Whether a request gets an answer, after which the connection stays open.
    fileprivate func isAnswered() async -> Bool {
        await write(Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        return await readResponse()?.status == 200
    }
}

extension RunningServer {
    /// The status that another user gets; 0 without an answer.
    fileprivate func healthSeen(by user: UInt32, at socket: String) async throws -> Int {
        let finished = try await ChildProcess.run(
            "setpriv",
            ["--reuid", "\(user)", "--regid", "\(user)", "--clear-groups"]
                + [
                    "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", socket,
                    "http://x/healthz",
                ])
        return Int(finished.text.prefix { $0.isNumber }) ?? 0
    }
}
