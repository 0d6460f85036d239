/// What all connections of an SMTP server share.
final class SMTPServerState: Sendable {
    struct Record: Sendable {
        var transactions: [SMTPTransaction] = []
        var events: [SMTPServerEvent] = []
        /// By connection.
        var violations: [Int: [String]] = [:]
        var connections = 0
    }

    let options: SMTPServerOptions
    let record = Watched(Record())

    init(options: SMTPServerOptions) { self.options = options }

    func newConnection() -> Int {
        record.update { record in
            record.connections += 1
            return record.connections
        }
    }

    func event(verb: String, argument: String, connection: Int, transaction: SMTPTransaction?) -> SMTPServerEvent {
        record.update { record in
            let event = SMTPServerEvent(
                verb: verb, argument: argument, connection: connection,
                occurrence: record.events.count { $0.verb == verb } + 1, transaction: transaction)
            record.events.append(event)
            return event
        }
    }

    func accept(_ transaction: SMTPTransaction) { record.update { $0.transactions.append(transaction) } }

    func note(violations: [String], of connection: Int) {
        guard !violations.isEmpty, record.value.violations[connection] != violations else { return }
        record.update { $0.violations[connection] = violations }
    }
}
