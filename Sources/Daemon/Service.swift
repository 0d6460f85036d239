import ConfigurationFile
import Console
import Diagnostics
import Logging
import MailModel
import Operations
import Store
import Transport

/// `postbote serve`: the daemon between its start and its end, as the service manager sees it.
public struct Service: Sendable {
    private let reader: ConfigurationReader
    private let environment: [String: String]

    public init(reader: ConfigurationReader, environment: [String: String]) {
        self.reader = reader
        self.environment = environment
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// - Returns: the exit code: 0, or what kept it from starting, which is logged.
    public func run() async -> Int32 {
        ServiceProcess.prepare()
        let manager = ServiceManager(environment: environment)
        let journal = ServiceLog(environment: environment)
        let log = journal.events(EventLevels())
        log.record(.starting(version: Release.version))
        let code: Int32
        do {
            code = try await serve(manager, journal, log)
        } catch let errors as ConfigurationErrors {
            for error in errors.errors {
                log.record(
                    .configurationError(
                        position: "\(error.file):\(error.line):\(error.column)", reason: error.message))
            }
            code = Problem.Kind.configuration.exitCode
        } catch {
            let failure = (error as? Failure) ?? Failure(.daemon, .never, operation: "start", reason: "\(error)")
            log.record(.failure(failure.withScope(.daemon)))
            code = Service.exitCode(after: failure)
        }
        log.record(.stopped())
        journal.flush()
        manager.flush()
        return code
    }

    /// systemd starts a service again, unless the same configuration would fail the same way. What the operating system
    /// refused may be there at the next try.
    private static func exitCode(after failure: Failure) -> Int32 {
        if failure.condition == .fileRefused { return 73 }
        return failure.retry == .whenReconfigured(by: .operatorOfPostbote) ? 78 : 70
    }

    private func serve(_ manager: ServiceManager, _ journal: ServiceLog, _ log: EventLog) async throws -> Int32 {
        // Before anything else, so that a signal during the start is not lost.
        let signals = ServiceSignal.received()
        let configuration = try reader.read()
        for warning in configuration.warnings {
            log.record(
                .configurationWarning(
                    position: "\(warning.file):\(warning.line):\(warning.column)", reason: warning.message))
        }
        let store = try Store.open(
            in: configuration.settings.stateDirectory, credentialsDirectory: environment["CREDENTIALS_DIRECTORY"],
            onHealthChange: { Service.tell($0, log) })
        let daemon = Daemon(ground(store, log), configuration: configuration)
        if store.previousStopWasUnclean { checkInBackground(store, log) }
        if let file = store.keyAwaitingCredential { log.record(.masterKeyAwaitsCredential(file: file)) }
        do {
            // The accounts first: a client that was waiting for the sockets must not be told that there are none.
            try await daemon.start()
            let control = ControlServer(
                daemon, path: configuration.settings.controlSocket, logger: journal.logger("control"))
            try await control.start()
            let console = configuration.settings.console.map {
                ConsoleServer(daemon, settings: $0, logger: journal.logger("console"))
            }
            do {
                try await console?.start()
            } catch {
                await control.stop(within: .zero)
                throw error
            }
            await work(daemon, manager, log, signals)
            // At the same time: requests that wait for the daemon's work end only with it.
            async let hangUp: Void = control.stop(within: Limits.controlShutdown)
            async let leave: Void? = console?.stop(within: Limits.controlShutdown)
            await daemon.stop(within: Limits.shutdown)
            _ = await (hangUp, leave)
        } catch {
            await daemon.stop(within: .zero)
            await store.close()
            throw error
        }
        await store.close()
        return 0
    }

    private func ground(_ store: Store, _ log: EventLog) -> Daemon.Ground {
        // Commands that print secrets speak neither to the service manager nor to its watchdog.
        let inherited = environment.filter { !["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].contains($0.key) }
        let secrets = ConfiguredSecrets(directories: reader.directories, environment: inherited) { warning in
            log.record(.configurationWarning(position: reader.path, reason: warning))
        }
        return Daemon.Ground(
            reader: reader, store: store, loops: EventLoops(), secrets: secrets, log: log, clock: SystemClock(),
            hostName: ProcessInformation.hostName)
    }

    // MARK: At work

    /// Returns when it is time to stop.
    private func work(
        _ daemon: Daemon, _ manager: ServiceManager, _ log: EventLog, _ signals: AsyncStream<ServiceSignal>
    ) async {
        let status = await daemon.statusLine()
        log.record(.ready(accounts: await daemon.status().accounts))
        manager.ready(status: status)
        let companions = [
            Task { await feedWatchdog(daemon, manager) }, Task { await tellStatus(daemon, manager) },
        ]
        for await signal in signals {
            guard signal == .hangUp else {
                log.record(.stopping(signal: signal.rawValue))
                break
            }
            manager.reloading()
            // Errors were logged with their positions, and the old configuration is in force.
            _ = try? await daemon.reload()
            manager.ready(status: await daemon.statusLine())
        }
        for companion in companions { companion.cancel() }
        manager.stopping(status: "Stopping: finishing what is past the point of no return.")
    }

    private func feedWatchdog(_ daemon: Daemon, _ manager: ServiceManager) async {
        guard let watchdog = Watchdog(environment: environment, manager: manager) else { return }
        await watchdog.feed(
            sleep: { try await Task.sleep(for: $0) },
            while: {
                await daemon.ping()
                return true
            })
    }

    private func tellStatus(_ daemon: Daemon, _ manager: ServiceManager) async {
        guard manager.isPresent else { return }
        var told = ""
        while !Task.isCancelled {
            let line = await daemon.statusLine()
            if line != told { manager.status(line) }
            told = line
            try? await Task.sleep(for: Limits.statusInterval)
        }
    }

    private func checkInBackground(_ store: Store, _ log: EventLog) {
        Task.detached {
            // What it finds it also tells as a change of health.
            _ = try? await store.check()
        }
    }

    private static func tell(_ health: StoreHealth, _ log: EventLog) {
        switch health {
        case .ok: log.record(.daemonStateChanged(from: .storage, to: .ok))
        case .storage(let failure): log.record(.daemonStateChanged(from: .ok, to: .storage, because: failure))
        }
    }
}

extension Failure {
    fileprivate func withScope(_ scope: Scope) -> Failure {
        var copy = self
        copy.scope = scope
        return copy
    }
}

extension Daemon {
    /// One line of health for `systemctl status`.
    func statusLine() async -> String {
        let status = await status()
        let accounts = "\(status.accounts) account\(status.accounts == 1 ? "" : "s")"
        guard status.state == .ok else { return "\(status.state.rawValue): \(status.problem?.reason ?? "")" }
        return status.problems == 0
            ? "\(accounts), all well" : "\(accounts), \(status.problems) need attention: postbote status --problems"
    }
}
