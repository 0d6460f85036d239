import Glibc
import TestSupport

/// A Postfix of its own: messages are held in its queue, and released.
struct PostfixSender: QueueSender {
    let name = "Postfix"

    func run(
        _ count: Int, over path: SubmissionPath, connections: Int, under tracer: [String]
    ) async throws -> Duration {
        let directory = try TemporaryDirectory(prefix: "benchmark-postfix", mode: 0o755)
        let etc = try prepare(directory, path, connections: connections)
        let words = tracer + [Program.path(of: "postfix") ?? "postfix", "-c", etc, "start-fg"]
        var options = ChildProcess.Options()
        options.parentDeathSignal = SIGTERM
        let postfix = try ChildProcess(words[0], Array(words.dropFirst()), options: options)
        let intake = directory("queue/public/intake")
        try await FileWatch.exists(directory("queue/public"))
        try await FileWatch.exists(intake)
        try await ChildProcess.check(
            "smtp-source",
            [
                "-m", "\(count)", "-l", "4096", "-s", "4", "-f", SubmissionPath.user, "-t", SubmissionPath.recipient,
                "unix:\(intake)",
            ], within: .seconds(300))
        sync()
        let started = ContinuousClock.now
        try await ChildProcess.check("postsuper", ["-c", etc, "-r", "ALL", "hold"])
        try await ChildProcess.check("postqueue", ["-c", etc, "-f"])
        try await path.received(count)
        let duration = ContinuousClock.now - started
        // Under strace(1) the master is another process than the one that was started.
        try await ChildProcess.check("postfix", ["-c", etc, "stop"])
        await postfix.stop()
        return duration
    }

    private func prepare(_ directory: TemporaryDirectory, _ path: SubmissionPath, connections: Int) throws -> String {
        let etc = try directory.directory("etc")
        try directory.directory("queue")
        let data = try directory.directory("data")
        if let owner = SystemUser(named: "postfix") { chown(data, owner.identity, owner.group) }
        let server = "[localhost]:\(path.dovecot.port(.submission))"
        try directory.file(
            "etc/main.cf",
            """
            compatibility_level = 3.6
            queue_directory = \(directory("queue"))
            data_directory = \(data)
            maillog_file = \(directory("log"))
            maillog_file_prefixes = \(directory.path)
            myhostname = localhost.localdomain
            mydestination =
            mynetworks = 127.0.0.0/8
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            alias_maps =
            alias_database =
            smtpd_client_restrictions = check_client_access static:HOLD
            smtpd_relay_restrictions = permit_mynetworks, reject
            relayhost = \(server)
            smtp_host_lookup = native
            smtp_sasl_auth_enable = yes
            smtp_sasl_password_maps = inline:{ { \(server) = \(SubmissionPath.user):password-of-\(SubmissionPath.user) } }
            smtp_sasl_security_options = noanonymous
            smtp_tls_security_level = secure
            smtp_tls_secure_cert_match = hostname
            smtp_tls_CAfile = \(path.dovecot.authorityFile)
            initial_destination_concurrency = \(connections)
            default_destination_concurrency_limit = \(connections)

            """)
        try directory.file("etc/master.cf", PostfixSender.services)
        return etc
    }

    /// Postfix's own table without what a relay needs not, and with a socket file for the intake.
    private static let services = """
        postlog   unix-dgram n  -       n       -       1       postlogd
        intake    unix  n       -       n       -       -       smtpd
        pickup    unix  n       -       n       60      1       pickup
        cleanup   unix  n       -       n       -       0       cleanup
        qmgr      unix  n       -       n       300     1       qmgr
        tlsmgr    unix  -       -       n       1000?   1       tlsmgr
        rewrite   unix  -       -       n       -       -       trivial-rewrite
        bounce    unix  -       -       n       -       0       bounce
        defer     unix  -       -       n       -       0       bounce
        trace     unix  -       -       n       -       0       bounce
        verify    unix  -       -       n       -       1       verify
        flush     unix  n       -       n       1000?   0       flush
        proxymap  unix  -       -       n       -       -       proxymap
        smtp      unix  -       -       n       -       -       smtp
        relay     unix  -       -       n       -       -       smtp
        showq     unix  n       -       n       -       -       showq
        error     unix  -       -       n       -       -       error
        retry     unix  -       -       n       -       -       error
        anvil     unix  -       -       n       -       1       anvil
        scache    unix  -       -       n       -       1       scache

        """
}
