import Diagnostics
import MailModel
import Operations

extension FakePlane {
    public func audit(_ name: AccountName) async throws -> AuditReport {
        _ = try await account(name)
        return try note("audit \(name)").audit
    }

    public func importMaildir(
        _ name: AccountName, path: String, folder: String?, dryRun: Bool
    ) async throws -> ImportReport {
        _ = try await account(name)
        let script = try note("import \(name) \(path) \(folder ?? "all")\(dryRun ? " dry" : "")")
        return ImportReport(
            account: name.text, dryRun: dryRun,
            folders: [.init(name: "INBOX", path: path, files: 3, learned: 2, known: 1, unreadable: 0)],
            errors: script.importErrors, unreadable: script.importErrors.count)
    }

    public func forget(_ name: AccountName, force: Bool) async throws -> ForgetReport {
        _ = try note("forget \(name)\(force ? " by force" : "")")
        switch name.text {
        case "former": return ForgetReport(account: "former", folders: 1, messages: 12, queued: 3, credentials: 1)
        case "support": throw Problem(.conflict, "Account support is in the configuration.")
        default: throw Problem.notFound("Nothing is known of an account \(name).")
        }
    }
}
