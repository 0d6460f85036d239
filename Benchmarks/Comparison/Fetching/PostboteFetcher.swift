import Glibc
import TestSupport

/// Postbote with OAuth: `serve` from its start until it answers a request to fetch that all is done, ledger included.
struct PostboteFetcher: Fetcher {
    let name = "postbote"

    func run(_ mailbox: BenchmarkMailbox, under tracer: [String]) async throws -> FetchRun {
        let postbote = try await PostboteFetcher.prepared(mailbox)
        sync()
        let started = ContinuousClock.now
        let daemon = try await postbote.serve(under: tracer, within: .seconds(120))
        try await ControlRequest(postbote, "/v1/accounts/bench/fetch?wait=true").post()
        let duration = ContinuousClock.now - started
        let peak = try ProcessMemory.peak(daemon.processID)
        guard await daemon.stop() == .exited(0) else { throw WrongResult("postbote did not end well") }
        try mailbox.check(postbote.maildir(of: "bench") + "/new", of: name, byMbsync: false)
        return FetchRun(duration: duration, peakMemory: peak, remains: postbote.directory)
    }

    /// One that is configured, and to which the owner consented, as on any working day.
    static func prepared(_ mailbox: BenchmarkMailbox) async throws -> PostboteInstance {
        let postbote = try PostboteInstance(prefix: "benchmark")
        try await consent(postbote, mailbox)
        try postbote.configure(configuration(mailbox, isEnabled: true))
        return postbote
    }

    private static func consent(_ postbote: PostboteInstance, _ mailbox: BenchmarkMailbox) async throws {
        try postbote.configure(configuration(mailbox, isEnabled: false))
        let daemon = try await postbote.serve()
        let token = mailbox.authorization.consent(user: BenchmarkMailbox.user)
        try await postbote.command("authorize", "bench", "--import", "-", input: token + "\n")
        await daemon.stop()
    }

    private static func configuration(_ mailbox: BenchmarkMailbox, isEnabled: Bool) -> String {
        PostboteProvider(authorization: mailbox.authorization, dovecot: mailbox.dovecot).section + """
            accounts:
              bench: {address: \(BenchmarkMailbox.user), provider: test, receive: {enabled: \(isEnabled)}}

            """
    }
}
