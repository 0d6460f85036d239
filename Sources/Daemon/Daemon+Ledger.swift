import Diagnostics
import Fetching
import MailModel
import Operations
import Store

extension Daemon: LedgerControl {
    public func reset(_ name: AccountName, folder: String?, dryRun: Bool) async throws -> ResetReport {
        let fetcher = try receiving(name)
        let found = try await naming(name) { try await fetcher.reset(folder: folder, dryRun: dryRun) }
        guard !found.isEmpty else {
            throw Problem.notFound(
                "Account \(name) watches no folder “\(folder ?? "")”. Run: postbote folders \(name)")
        }
        return ResetReport(
            dryRun: dryRun,
            folders: found.map { folder, outcome in
                ResetReport.Folder(
                    name: folder.description, known: outcome?.known, new: outcome?.new, doubtful: outcome?.doubtful)
            })
    }

    /// A failure's advice names the account, so that a command in it can be run as it stands.
    func naming<Value: Sendable>(
        _ name: AccountName, _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await work()
        } catch let failure as Failure {
            throw failure.of(account: name.text)
        }
    }

    /// The account's fetcher; a conflict where it does not receive.
    func receiving(_ name: AccountName) throws -> AccountFetcher {
        guard let fetcher = try worker(name).receiving?.worker else {
            throw Problem(.conflict, "Account \(name) does not receive: it has no `receive:`, or it is disabled.")
        }
        return fetcher
    }
}
