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
        let prepared: Prepared
        do {
            prepared = try await prepare(next.settings, before: settings)
        } catch {
            if let failure = error as? Failure { log.record(.failure(failure)) }
            log.record(.reloadRefused(errors: 1))
            throw error
        }
        configuration = next
        configurationLoaded = clock.now
        takeIntoForce(next.settings, prepared)
        // What is read before the start is started with everything else.
        if hasBegun { await adopt(difference) }
        noticeNap.wake()
        for key in difference.needsRestart { log.record(.restartNeeded(key: key.rawValue)) }
        log.record(
            .reloaded(
                added: difference.added.count, changed: difference.changed.count, removed: difference.removed.count))
        return ReloadReport(
            added: difference.added.map(\.text), changed: difference.changed.keys.map(\.text).sorted(),
            removed: difference.removed.map(\.text),
            warnings: next.warnings.map(\.description) + prepared.warnings.map { "\(ground.reader.path): \($0)" },
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

    /// What settings need before they can be in force.
    struct Prepared {
        var proxy: Proxy?
        var accountIDs: [AccountName: AccountID]
        var rules: AccessRules

        /// What of them is of no effect on this machine.
        var warnings: [String] {
            rules.unknown.map { name in
                let kind = name.hasPrefix("@") ? "group" : "user"
                return "access: this machine has no \(kind) \(name); nobody is let in by it. Reload once it is there"
            }
        }
    }

    /// Does everything that can fail, before anything is changed; what was done is undone when the last step fails.
    func prepare(_ next: Settings, before: Settings?) async throws -> Prepared {
        let proxy = try await resolvedProxy(of: next)
        let rules = await AccessRules.resolved(next.access)
        try await tokens.apply(next)
        do {
            return Prepared(proxy: proxy, accountIDs: try await storedIDs(of: next), rules: rules)
        } catch {
            // What this reads was read a moment ago; what it cannot read is read when it is needed.
            if let before { try? await tokens.apply(before) }
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
