import Diagnostics
import MailModel
import Operations

extension FakePlane {
    public func report() async throws -> SupportReport {
        let daemon = await status()
        var work = SupportReport.WorkReport(
            daemon: daemon,
            database: SupportReport.DatabaseReport(schema: 5, octets: 8192, logOctets: 0, integrity: "ok"))
        work.states = [SupportReport.StateCount(.receive, .ok, accounts: 1)]
        work.queue = AccountStatus.Queue(queued: 2)
        work.oldestQueued = .start
        work.ends = [AccountStatus.Expiry(what: "client secret of contoso", at: .start)]
        var credential = SupportReport.CredentialReport(
            provider: "contoso", subject: "support@contoso.de", grant: "authorization_code", state: "valid",
            since: .start)
        credential.obtained = .start
        credential.expires = .start
        credential.lastUsed = .start
        credential.lastError = .start
        work.credentials = [credential]
        work.accounts = [
            SupportReport.AccountReport(
                status: try await accounts()[0], settings: ["address: support@contoso.de"],
                folders: [
                    SupportReport.AccountReport.Folder(
                        name: "INBOX", role: "inbox", messages: 3, delivered: 3, uidValidity: 7, cursor: 4)
                ])
        ]
        return SupportReport(
            made: .start, release: daemon.release,
            system: SupportReport.SystemReport(
                hostName: "post", kernel: "Linux 6.12.0 x86_64", distribution: "Debian GNU/Linux 13 (trixie)",
                openFiles: 65_536, openFilesMost: 65_536,
                libraries: [SupportReport.SystemReport.Library("SQLite", "3.46.1")]),
            configuration: SupportReport.ConfigurationReport(
                files: ["/etc/postbote/postbote.yaml"], settings: ["log_level: info"],
                findings: ["/etc/postbote/postbote.yaml:1:1: warning: x"], names: ["contoso", "support"]),
            fileSystems: [
                SupportReport.FileSystemReport(
                    of: "state", path: "/var/lib/postbote", type: "ext4", octets: 1 << 40, available: 1 << 39),
                SupportReport.FileSystemReport(
                    of: "destination crm", path: "/srv/mail", problem: "it did not answer"),
            ], work: work)
    }
}
