import Diagnostics

extension Event {
    public static func starting(version: String) -> Event {
        Event(.starting, .info, "starting", [EventField("VERSION", version)])
    }

    public static func ready(accounts: Int) -> Event {
        Event(.ready, .info, "ready", [EventField("ACCOUNTS", accounts)])
    }

    public static func stopping(signal: String) -> Event {
        Event(.stopping, .info, "stopping", [EventField(.reason, signal)])
    }

    public static func stopped() -> Event { Event(.stopped, .info, "stopped") }

    public static func reloaded(added: Int, changed: Int, removed: Int) -> Event {
        Event(
            .reloaded, .info, "configuration reloaded",
            [EventField("ADDED", added), EventField("CHANGED", changed), EventField("REMOVED", removed)])
    }

    /// The old configuration stays in force; each error is an event of its own.
    public static func reloadRefused(errors: Int) -> Event {
        Event(
            .reloadRefused, .warning, "configuration has errors, the old one stays in force: correct it and reload",
            [EventField("ERRORS", errors)])
    }

    /// `key` changed in the configuration, which takes effect only at the next start.
    public static func restartNeeded(key: String) -> Event {
        Event(
            .restartNeeded, .warning,
            "a change of the configuration takes effect at the next start: restart postbote",
            [EventField("KEY", key)])
    }

    /// `position` is `FILE:LINE:COLUMN`.
    public static func configurationError(position: String, reason: String) -> Event {
        Event(
            .configurationError, .error, "error in the configuration",
            [EventField(.position, position), EventField(.reason, reason)])
    }

    public static func configurationWarning(position: String, reason: String) -> Event {
        Event(
            .configurationWarning, .warning, "warning about the configuration",
            [EventField(.position, position), EventField(.reason, reason)])
    }

    public static func daemonStateChanged(
        from old: DaemonState, to new: DaemonState, because failure: Failure? = nil
    ) -> Event {
        Event(
            .daemonStateChanged, new == .storage ? .error : .info, "the daemon's state changed",
            [EventField(.oldState, old.rawValue), EventField(.newState, new.rawValue)] + (failure?.fields ?? []))
    }
}
