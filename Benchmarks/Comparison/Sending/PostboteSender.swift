import Glibc
import TestSupport

/// Postbote with OAuth: its queue fills while the server is away, and drains when it is back.
struct PostboteSender: QueueSender {
    let name = "postbote"

    func run(
        _ count: Int, over path: SubmissionPath, connections: Int, under tracer: [String]
    ) async throws -> Duration {
        let postbote = try PostboteInstance(prefix: "benchmark")
        try postbote.configure(
            PostboteProvider(authorization: path.authorization, dovecot: path.dovecot).section + """
                accounts:
                  bench:
                    address: \(SubmissionPath.user)
                    provider: test
                    send: {rate: {connections: \(connections)}}

                """)
        let daemon = try await postbote.serve(under: tracer, within: .seconds(120))
        let token = path.authorization.consent(user: SubmissionPath.user)
        try await postbote.command("authorize", "bench", "--import", "-", input: token + "\n")
        await path.dovecot.stop()
        try await queue(count, postbote)
        try await path.dovecot.start()
        sync()
        let started = ContinuousClock.now
        try await postbote.command("reload")
        try await path.received(count)
        let duration = ContinuousClock.now - started
        guard await daemon.stop() == .exited(0) else { throw WrongResult("postbote did not end well") }
        return duration
    }

    /// An account sends from its own address only.
    private static func fromUser(_ message: [UInt8]) -> String {
        let lines = String(decoding: message, as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        return lines.map { $0.hasPrefix("From: ") ? "From: <\(SubmissionPath.user)>" : $0 }.joined(separator: "\r\n")
    }

    private func queue(_ count: Int, _ postbote: PostboteInstance) async throws {
        let messages = Array(MessageCorpus().small(count).map(PostboteSender.fromUser))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<4 {
                group.addTask {
                    for index in stride(from: part, to: count, by: 4) {
                        try await postbote.command(
                            "send", "--account", "bench", "--from", SubmissionPath.user, "--to",
                            SubmissionPath.recipient, input: messages[index])
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
