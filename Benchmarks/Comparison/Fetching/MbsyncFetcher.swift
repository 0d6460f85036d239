import Glibc
import TestSupport

/// mbsync (isync), which syncs each file.
struct MbsyncFetcher: Fetcher {
    let name = "mbsync, FSync on"

    func run(_ mailbox: BenchmarkMailbox, under tracer: [String]) async throws -> FetchRun {
        let directory = try TemporaryDirectory(prefix: "benchmark-mbsync")
        let configuration = try directory.file(
            "mbsyncrc",
            """
            FSync yes

            IMAPStore server
            Host localhost
            Port \(mailbox.dovecot.port(.imaps))
            User \(BenchmarkMailbox.user)
            Pass \(mailbox.password)
            SSLType IMAPS
            SystemCertificates no
            CertificateFile \(mailbox.dovecot.authorityFile)

            MaildirStore local
            Path \(directory.path)/
            Inbox \(directory("inbox"))

            Channel all
            Far :server:
            Near :local:
            Create Near
            Sync Pull
            SyncState *

            """, mode: 0o600)
        let words = tracer + [Program.path(of: "mbsync") ?? "mbsync", "-c", configuration, "-q", "all"]
        sync()
        let started = ContinuousClock.now
        try await ChildProcess.check(words[0], Array(words.dropFirst()), within: .seconds(600))
        let duration = ContinuousClock.now - started
        try mailbox.check(directory("inbox/new"), of: name, byMbsync: true)
        return FetchRun(duration: duration, remains: directory)
    }
}
