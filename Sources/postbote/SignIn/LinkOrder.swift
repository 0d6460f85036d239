import Operations

/// `authorize --link` and `--all-missing`: links for the owners of mailboxes.
struct LinkOrder {
    let lifetime: Duration
    let mail: Bool
    let client: ControlClient
    let output: OutputOptions

    /// Mails for a whole company take their time.
    private static let patience = Duration.seconds(900)

    func one(_ account: String) async throws {
        let target = try Target.account(account, "link", query: query)
        let reply = try await client.post(target, as: SignInLinkReport.self)
        try output.print(reply) { report in
            guard let url = report.url else { return [LinkOrder.mailed(report)] }
            return [
                "For \(Printable(report.person)), once, until \(report.expires.map(\.description) ?? "?"):",
                Printable(url).description,
            ]
        }
    }

    /// One line for each account. Those that cannot be asked make it exit code 1.
    func allMissing() async throws {
        let reply = try await client.post(
            Target("v1", "links", query: query), as: SignInLinkList.self, patience: LinkOrder.patience)
        try output.print(reply) { list in
            list.links.map { report in
                let what =
                    report.problem.map { "not possible: \(Printable($0))" } ?? report.url.map { "\(Printable($0))" }
                    ?? LinkOrder.mailed(report)
                return "\(report.account)  \(Printable(report.person))  \(what)"
            }
        }
        let failed = reply.value.links.count { $0.problem != nil }
        guard failed > 0 else { return }
        throw CommandFailure(.trouble, "\(failed) of \(reply.value.links.count) accounts got no link")
    }

    private var query: [(String, String?)] {
        [("lifetime", "\(lifetime.components.seconds)"), ("mail", mail ? "true" : nil)]
    }

    private static func mailed(_ report: SignInLinkReport) -> String {
        "mailed to \(Printable(report.mailedTo ?? "?")), good until \(report.expires.map(\.description) ?? "?")"
    }
}

/// How long a link is good for: `48h`, `7d`, as durations are written in the configuration.
struct LinkLifetime {
    let duration: Duration

    /// `nil` for what is no duration, or not from five minutes to 30 days.
    init?(_ text: String) {
        guard let seconds = WrittenDuration(text)?.seconds, Limits.linkLifetimes.contains(seconds) else { return nil }
        duration = .seconds(seconds)
    }
}
