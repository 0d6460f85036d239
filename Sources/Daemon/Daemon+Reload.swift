import ConfigurationFile
import Diagnostics
import MailModel
import Operations
import Store
import Transport

extension Daemon {
    /// Reads the configuration again and takes it into force, all of it or nothing.
    ///
    /// Accounts that did not change keep their connections and their schedule.
    public func reload() async throws -> ReloadReport { try await afterTheOthers { try await self.readAndAdopt() } }

    private func readAndAdopt() async throws -> ReloadReport {
        let next = try await read()
        let difference = SettingsDifference(from: settings, to: next.settings)
        let prepared: (proxy: Proxy?, accountIDs: [AccountName: AccountID])
        do {
            prepared = try await prepare(next.settings)
        } catch {
            if let failure = error as? Failure { log.record(.failure(failure)) }
            log.record(.reloadRefused(errors: 1))
            throw error
        }
        configuration = next
        configurationLoaded = clock.now
        accountIDs = prepared.accountIDs
        takeIntoForce(next.settings, prepared.proxy)
        // What is read before the start is started with everything else.
        if hasBegun { await adopt(difference) }
        for key in difference.needsRestart { log.record(.restartNeeded(key: key.rawValue)) }
        log.record(
            .reloaded(
                added: difference.added.count, changed: difference.changed.count, removed: difference.removed.count))
        return ReloadReport(
            added: difference.added.map(\.text), changed: difference.changed.keys.map(\.text).sorted(),
            removed: difference.removed.map(\.text), warnings: next.warnings.map(\.description),
            restartNeeded: difference.needsRestart.map(\.rawValue))
    }

    private func read() async throws -> LoadedConfiguration {
        let reader = ground.reader
        do {
            return try await Task.detached { try reader.read() }.value
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
    }

    /// Does everything that can fail, before anything is changed; what was done is undone when the last step fails.
    private func prepare(_ next: Settings) async throws -> (proxy: Proxy?, accountIDs: [AccountName: AccountID]) {
        let proxy = try await resolvedProxy(of: next)
        try await tokens.apply(next)
        do {
            return (proxy, try await storedIDs(of: next))
        } catch {
            // What this reads was read a moment ago; what it cannot read is read when it is needed.
            try? await tokens.apply(settings)
            throw error
        }
    }

    private func adopt(_ difference: SettingsDifference) async {
        for name in difference.removed + difference.renamed.keys {
            await workers.removeValue(forKey: name)?.stop(by: clock)
        }
        for name in difference.added + difference.renamed.values {
            guard let account = settings.accounts[name] else { continue }
            start(account, firstTurn: clock.now)
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

    /// Restarts the directions that changed, each after the old one has stopped.
    private func replace(_ name: AccountName, _ change: SettingsDifference.AccountChange) async {
        guard let account = settings.accounts[name], let old = workers[name] else { return }
        var worker = AccountWorker(account: account, id: old.id, receiving: old.receiving, sending: old.sending)
        if change.receiving {
            await old.stopReceiving()
            worker.receiving = fetcher(of: account, old.id, firstTurn: clock.now)
        }
        if change.sending {
            await old.stopSending(by: clock)
            worker.sending = sender(of: account, old.id)
        }
        workers[name] = worker
    }
}
