import Diagnostics
import MailProtocol
import Transport

extension Connection {
    /// Whether somebody listens to what is said here.
    nonisolated var isTraced: Bool { trace?.isOpen ?? false }

    nonisolated func hear(_ event: IMAPEvent) {
        guard isTraced, let line = event.heard else { return }
        trace?.server(line)
    }

    nonisolated func hear(_ lines: inout HeardLines) {
        for line in lines.take() { trace?.server(line) }
    }
}
