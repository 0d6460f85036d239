import Glibc
import TestSupport

/// The limit: a few lines of C that write what the server sends into files, one `syncfs` for each 200, and nothing else.
struct BareFetcher: Fetcher {
    private let publishes: Bool
    private let program: TemporaryDirectory

    var name: String { publishes ? "bare Maildir reader" : "bare durable reader" }

    /// Compiles it.
    ///
    /// - Parameter publishes: readers never meet half a message: each is renamed into `new` when it is durable.
    init(publishes: Bool = false) async throws {
        self.publishes = publishes
        program = try TemporaryDirectory(prefix: "benchmark-bare")
        let folder = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        try await ChildProcess.check(
            "cc", ["-O2", "-o", program("bare"), "\(folder)/BareReader/main.c", "-lssl", "-lcrypto"])
    }

    func run(_ mailbox: BenchmarkMailbox, under tracer: [String]) async throws -> FetchRun {
        let directory = try TemporaryDirectory(prefix: "benchmark-bare")
        let words =
            tracer + [
                program("bare"), "localhost", "\(mailbox.dovecot.port(.imaps))", BenchmarkMailbox.user,
                mailbox.password, directory("inbox"),
            ] + (publishes ? ["--publish"] : [])
        sync()
        let started = ContinuousClock.now
        try await ChildProcess.check(words[0], Array(words.dropFirst()), within: .seconds(600))
        let duration = ContinuousClock.now - started
        try mailbox.check(directory("inbox/new"), of: name, byMbsync: false)
        return FetchRun(duration: duration, remains: directory)
    }

    /// Reads the header fields by which messages are known again, and forgets them.
    func readHeaders(_ mailbox: BenchmarkMailbox) async throws -> Duration {
        let started = ContinuousClock.now
        let read = try await ChildProcess.check(
            program("bare"),
            [
                "localhost", "\(mailbox.dovecot.port(.imaps))", BenchmarkMailbox.user, mailbox.password, "--headers",
            ], within: .seconds(600))
        let duration = ContinuousClock.now - started
        guard read.text.hasPrefix("\(mailbox.content.count) ") else {
            throw WrongResult("\(name) read the headers of \(read.text) of \(mailbox.content.count) messages")
        }
        return duration
    }
}
