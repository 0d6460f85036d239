import Diagnostics
import MailModel
import Operations

/// A report for support as people read it: sections, those that say what is wrong first.
struct SupportDocument {
    /// Octets of one line.
    private static let lineOctets = 4000

    private(set) var lines: [String] = []
    /// Words that `--anonymous` hides, and folders.
    let names: [String]
    let folders: [String]

    /// - Parameters:
    ///   - program: the version of this program, which may be another one than the daemon's.
    ///   - unreachable: why the daemon was not asked.
    init(
        _ report: SupportReport, program: String, unreachable: [String]?, unit: SystemdReport, journal: SystemdReport
    ) {
        names = report.configuration.names + [report.system.hostName]
        folders = (report.work?.accounts ?? []).flatMap(\.folders).map(\.name).filter {
            $0.uppercased() != "INBOX" && $0.count > 2
        }
        lines = [
            "Postbote report of \(report.made)", "Without secrets and without mail. Read it before you send it.",
        ]
        section("Daemon")
        if let unreachable {
            lines += ["not reachable: \(unreachable.joined(separator: " "))", "What follows was found without it."]
        }
        if let work = report.work { add(work) }
        section("Versions and limits")
        add("postbote", report.release == program ? program : "\(report.release), this program \(program)")
        for library in report.system.libraries { add(library.name, library.version) }
        add("kernel", report.system.kernel)
        add("distribution", report.system.distribution ?? "unknown")
        add("host", report.system.hostName)
        add("open files", "\(report.system.openFiles), at most \(report.system.openFilesMost)")
        section("File systems")
        for system in report.fileSystems { add(system) }
        section("Unit \(SystemdReport.unit)")
        lines += unit.lines
        addAccounts(report)
        section("Findings of check-config")
        lines += report.configuration.findings.isEmpty ? ["none"] : report.configuration.findings
        more(report.configuration.moreFindings)
        section(unreachable == nil ? "Configuration in force" : "Configuration in the files")
        lines += report.configuration.files.map { "# \($0)" }
        more(report.configuration.moreFiles)
        lines += report.configuration.settings
        section("Latest warnings of the journal")
        lines += journal.lines
        lines = lines.map { SupportDocument.cut(Printable($0).description) }
    }

    // MARK: The daemon

    private mutating func add(_ work: SupportReport.WorkReport) {
        let daemon = work.daemon
        add("state", daemon.state.rawValue)
        if let problem = daemon.problem { add("problem", "\(problem.operation): \(problem.reason)") }
        add("started", "\(daemon.started), process \(daemon.process)")
        add("settings of", daemon.configurationLoaded.description)
        add("accounts", "\(daemon.accounts), \(daemon.problems) with problems")
        for count in work.states { add("", "\(count.direction) \(count.state.rawValue): \(count.accounts)") }
        let database = work.database
        add(
            "database",
            "schema \(database.schema.map(String.init) ?? "not known"), \(Wording.size(database.octets)), "
                + "log \(Wording.size(database.logOctets)), integrity: \(database.integrity)")
        let queue = work.queue
        add(
            "queue",
            "\(queue.queued) queued, \(queue.deferred) deferred, \(queue.sending) sending, "
                + "\(queue.inDoubt) in_doubt, \(queue.held) held, \(queue.failed) failed")
        if let oldest = work.oldestQueued { add("oldest", "accepted \(oldest)") }
        section("What ends next")
        if work.ends.isEmpty { lines.append("nothing that is known of") }
        for end in work.ends { lines.append("\(end.at)  \(end.what)") }
        more(work.moreEnds)
        section("Credentials")
        var table = Table([
            .init("PROVIDER"), .init("WHO"), .init("GRANT"), .init("STATE"), .init("SINCE"), .init("OBTAINED"),
            .init("USED"), .init("ENDS"), .init("LAST ERROR"),
        ])
        for credential in work.credentials {
            table.append([
                credential.provider, credential.subject.isEmpty ? "the app" : credential.subject, credential.grant,
                credential.state, credential.since.description, credential.obtained?.description,
                credential.lastUsed?.description, credential.expires?.description, credential.lastError?.description,
            ])
        }
        lines += table.lines
        more(work.moreCredentials)
    }

    private mutating func add(_ system: SupportReport.FileSystemReport) {
        guard let octets = system.octets, let available = system.available else {
            return lines.append("\(system.of): \(system.path): \(system.problem ?? "not known")")
        }
        lines.append(
            "\(system.of): \(system.path), \(system.type ?? "unknown type"), \(Wording.size(available)) free of \(Wording.size(octets))"
        )
    }

    // MARK: The accounts

    private mutating func addAccounts(_ report: SupportReport) {
        guard let work = report.work else { return }
        for account in work.accounts {
            section("Account \(account.status.name)")
            lines += AccountDetails(account.status, at: report.made).lines
            if !account.folders.isEmpty {
                var table = Table([
                    .init("FOLDER"), .init("ROLE"), .init("ON SERVER", .right), .init("DELIVERED", .right),
                    .init("UIDVALIDITY", .right), .init("CURSOR", .right), .init("AT WORK"),
                ])
                for folder in account.folders {
                    let work = [folder.isBackfilling ? "old mail" : nil, folder.isRecovering ? "recovering" : nil]
                    table.append([
                        folder.name, folder.role, folder.messages.map(String.init), String(folder.delivered),
                        folder.uidValidity.map(String.init), folder.cursor.map(String.init),
                        work.compactMap(\.self).joined(separator: ", "),
                    ])
                }
                lines += table.lines
                more(account.moreFolders)
            }
            lines.append("settings:")
            lines += account.settings.map { "  \($0)" }
        }
        guard work.moreAccounts > 0 else { return }
        section("Other accounts")
        lines.append("\(work.moreAccounts) more: postbote status")
    }

    // MARK: Lines

    private mutating func section(_ title: String) { lines += ["", "== \(title)"] }

    private mutating func add(_ name: String, _ value: String) {
        lines.append(name + String(repeating: " ", count: max(1, 14 - name.count)) + value)
    }

    private mutating func more(_ count: Int) {
        if count > 0 { lines.append("and \(count) more") }
    }

    private static func cut(_ line: String) -> String {
        guard line.utf8.count > lineOctets else { return line }
        return String(decoding: line.utf8.prefix(lineOctets), as: UTF8.self) + "…"
    }
}
