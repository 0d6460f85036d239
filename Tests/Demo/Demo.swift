import Glibc
import TestSupport

/// Postbote's main job, shown on throw-away real servers: three mailboxes fetched, mail that arrives meanwhile, messages
/// sent, tokens refreshed; and at the end a table in which everything is compared.
struct Demo {
    static let messagesPerMailbox = 200
    static let lateMessages = 3
    static let sentMessages = 20
    static let tokenLifetime = Duration.seconds(60)

    func run() async throws {
        let started = ContinuousClock.now
        say("Starting throw-away servers (Dovecot, smtp-sink, an authorization server whose tokens live 60 s) ...")
        let servers = try await DemoServers.start()
        do {
            try await show(servers, since: started)
        } catch {
            await servers.stop()
            throw error
        }
        await servers.stop()
    }

    private func show(_ servers: DemoServers, since started: ContinuousClock.Instant) async throws {
        try servers.fill(count: Demo.messagesPerMailbox)
        say(
            "Three mailboxes with \(Demo.messagesPerMailbox) messages each; mail will lie in \(servers.mailDirectory)"
        )
        let postbote = try await DemoPostbote.start(servers)
        do {
            var report = DemoReport()
            try await postbote.consent()
            say("Fetching ...")
            for account in servers.accounts { try await postbote.fetch(account.name) }
            try servers.deliverLate(count: Demo.lateMessages)
            say("\(Demo.lateMessages) more messages arrived while it runs.")
            for account in servers.accounts { try await postbote.fetch(account.name) }
            say("Queueing \(Demo.sentMessages) messages through `postbote send` and `postbote sendmail` ...")
            let queued = try await postbote.send(count: Demo.sentMessages)
            report.sent = try await servers.check(sent: queued)
            say("Waiting until tokens are refreshed, which happens at half of their life ...")
            report.refreshes = try await servers.refreshes()
            for account in servers.accounts { report.fetched.append(try await servers.compare(account)) }
            report.peakMemory = try postbote.peakMemory()
            report.mailDirectory = servers.mailDirectory
            try await postbote.stop()
            report.elapsed = ContinuousClock.now - started
            say(report)
            guard report.isComplete else { throw DemoFailure("not everything is as it should be: see the table") }
        } catch {
            if !Task.isCancelled { say(postbote.log) }
            await postbote.kill()
            throw error
        }
    }
}

/// Why the demo did not come to a good end.
struct DemoFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
