import ConfigurationFile
import Diagnostics
import MailModel
import Operations
import Store

extension Daemon: ReportControl {
    public func report() async throws -> SupportReport {
        let reader = ground.reader
        var configuration = SupportReport.ConfigurationReport(self.configuration)
        // The files may say something else than what is in force by now.
        configuration.findings(of: await Task.detached { Result { try reader.read() } }.value)
        return SupportReport(
            made: clock.now, release: Release.version, system: .present, configuration: configuration,
            fileSystems: await SupportReport.FileSystemReport.all(of: settings, clock: clock), work: await work())
    }

    private func work() async -> SupportReport.WorkReport {
        var work = SupportReport.WorkReport(daemon: await status(), database: await database())
        // A store in trouble is a reason to ask for a report: what cannot be read is left out, and the daemon's problem says why.
        let accounts = (try? await self.accounts()) ?? []
        work.states = Daemon.states(of: accounts)
        work.queue = Daemon.sum(of: accounts.map(\.queue))
        work.oldestQueued = (try? await store.read { try $0.queue.oldestOpen() }) ?? nil
        let ends = Set(accounts.compactMap(\.expires)).sorted { ($0.at, $0.what) < ($1.at, $1.what) }
        work.ends = Array(ends.prefix(Limits.reportedLines))
        work.moreEnds = ends.count - work.ends.count
        let credentials = (try? await store.read { try $0.credentials.all() }) ?? []
        let told = credentials.filter { $0.state != .valid } + credentials.filter { $0.state == .valid }
        work.credentials = told.prefix(Limits.reportedCredentials).map { SupportReport.CredentialReport($0) }
        work.moreCredentials = credentials.count - work.credentials.count
        for name in inOrder(accounts).prefix(Limits.reportedAccounts) {
            if let account = await report(of: name) { work.accounts.append(account) }
        }
        work.moreAccounts = workers.count - work.accounts.count
        return work
    }

    /// Those with problems first.
    private func inOrder(_ accounts: [AccountStatus]) -> [AccountName] {
        let now = clock.now
        let troubled = accounts.filter { $0.hasProblem(at: now) }
        let well = accounts.filter { !$0.hasProblem(at: now) }
        return (troubled + well).compactMap { AccountName($0.name) }
    }

    private func report(of name: AccountName) async -> SupportReport.AccountReport? {
        guard let worker = workers[name], var status = try? await account(name) else { return nil }
        status.errors = status.errors.map(\.withoutMail)
        status.receive = status.receive?.withoutMail
        status.send = status.send?.withoutMail
        let folders = (try? await store.read { try $0.folders.all(of: worker.id) }) ?? []
        return SupportReport.AccountReport(
            status: status, settings: SettingsListing.lines(of: worker.account),
            folders: folders.prefix(Limits.reportedFolders).map { SupportReport.AccountReport.Folder($0) },
            moreFolders: max(0, folders.count - Limits.reportedFolders))
    }

    /// Reads the whole database, within bounds: a large one on a slow disk takes minutes.
    private func database() async -> SupportReport.DatabaseReport {
        let verdict = Verdict()
        await clock.wait(atMost: Limits.reportPatience) { [store] in
            do {
                try await store.check()
                await verdict.take("ok")
            } catch {
                await verdict.take((error as? Failure)?.reason ?? "\(error)")
            }
        }
        let size = store.size
        return SupportReport.DatabaseReport(
            schema: (try? await store.read { try $0.schemaVersion() }).map { Int($0) }, octets: size.octets,
            logOctets: size.logOctets,
            integrity: await verdict.text
                ?? "not known: the check took longer than \(Limits.reportPatience.components.seconds) s")
    }

    private actor Verdict {
        private(set) var text: String?
        func take(_ text: String) { self.text = text }
    }

    private static func states(of accounts: [AccountStatus]) -> [SupportReport.StateCount] {
        Direction.allCases.flatMap { direction in
            let states = accounts.compactMap { (direction == .receive ? $0.receive : $0.send)?.state }
            return Dictionary(grouping: states) { $0 }.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                SupportReport.StateCount(direction, $0.key, accounts: $0.value.count)
            }
        }
    }

    private static func sum(of queues: [AccountStatus.Queue]) -> AccountStatus.Queue {
        queues.reduce(into: AccountStatus.Queue()) { sum, queue in
            sum.queued += queue.queued
            sum.deferred += queue.deferred
            sum.sending += queue.sending
            sum.inDoubt += queue.inDoubt
            sum.held += queue.held
            sum.failed += queue.failed
        }
    }
}

extension ErrorReport {
    /// What a server says of a single message may name it: its Message-ID, its subject. Nor is its place told.
    fileprivate var withoutMail: ErrorReport {
        var copy = self
        let telling = [
            "account", "folder", "host", "login", "provider", "destination", "token_error", "target", "credential",
            "signed_in", "file", "path",
        ]
        if place.keys.contains(where: { !telling.contains($0) }) { copy.serverLine = nil }
        copy.place = place.filter { telling.contains($0.key) }
        return copy
    }
}

extension DirectionStatus {
    fileprivate var withoutMail: DirectionStatus {
        var copy = self
        copy.problem = problem?.withoutMail
        return copy
    }
}

extension SupportReport.CredentialReport {
    fileprivate init(_ credential: StoredCredential) {
        self.init(
            provider: credential.provider.text, subject: credential.subject, grant: credential.grant.rawValue,
            state: credential.state.rawValue, since: credential.stateSince)
        obtained = credential.refreshTokenObtained
        expires = credential.refreshTokenExpires
        lastUsed = credential.lastUsed
        lastError = credential.lastErrorAt
    }
}

extension SupportReport.AccountReport.Folder {
    fileprivate init(_ folder: StoredFolder) {
        self.init(
            name: FolderPath.decoded(folder.serverName), role: folder.role?.rawValue, messages: folder.existsSeen,
            delivered: folder.delivered, uidValidity: folder.uidValidity?.rawValue, cursor: folder.cursor?.rawValue,
            isBackfilling: folder.isBackfilling, isRecovering: folder.isRecovering)
    }
}
