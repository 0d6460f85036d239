import ConfigurationFile
import Diagnostics
import MailModel
import Operations

extension Daemon {
    /// Reads the configuration again and takes it into force; one with errors changes nothing.
    ///
    /// Accounts that did not change keep their connections and their schedule.
    public func reload() async throws -> ReloadReport {
        let reader = ground.reader
        let next: LoadedConfiguration
        do {
            next = try await Task.detached { try reader.read() }.value
        } catch let errors as ConfigurationErrors {
            for error in errors.errors {
                log.record(
                    .configurationError(
                        position: "\(error.file):\(error.line):\(error.column)", reason: error.message))
            }
            log.record(.reloadRefused(errors: errors.errors.count))
            throw Problem(
                .configuration, "The configuration has errors; the old one stays in force.",
                errors: errors.errors.map(\.description))
        }
        let difference = SettingsDifference(from: settings, to: next.settings)
        configuration = next
        configurationLoaded = clock.now
        try await takeIntoForce()
        try await adopt(difference)
        for key in difference.needsRestart { log.record(.restartNeeded(key: key.rawValue)) }
        log.record(
            .reloaded(
                added: difference.added.count, changed: difference.changed.count, removed: difference.removed.count))
        return ReloadReport(
            added: difference.added.map(\.text), changed: difference.changed.keys.map(\.text).sorted(),
            removed: difference.removed.map(\.text), warnings: next.warnings.map(\.description),
            restartNeeded: difference.needsRestart.map(\.rawValue))
    }

    private func adopt(_ difference: SettingsDifference) async throws {
        for name in difference.removed + difference.renamed.keys { await workers.removeValue(forKey: name)?.stop() }
        for name in difference.added + difference.renamed.values {
            guard let account = settings.accounts[name] else { continue }
            try await start(account, firstTurn: clock.now)
        }
        for (name, change) in difference.changed where !difference.renamed.values.contains(name) {
            await replace(name, change)
        }
        // A parked direction may have been mended by what was changed.
        for worker in workers.values where difference.changed[worker.account.name] == nil {
            await worker.receiving?.worker.tryAtOnce()
            await worker.sending?.worker.tryAtOnce()
        }
    }

    /// Restarts the directions that changed, each after the old one has ended.
    private func replace(_ name: AccountName, _ change: SettingsDifference.AccountChange) async {
        guard let account = settings.accounts[name], let old = workers[name] else { return }
        var worker = AccountWorker(account: account, id: old.id, receiving: old.receiving, sending: old.sending)
        if change.receiving {
            await old.receiving?.stop()
            worker.receiving = fetcher(of: account, old.id, firstTurn: clock.now)
        }
        if change.sending {
            await old.sending?.stop()
            worker.sending = sender(of: account, old.id)
        }
        workers[name] = worker
    }
}
