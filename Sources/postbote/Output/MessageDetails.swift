import Diagnostics
import Operations

/// Everything about one message of the queue.
struct MessageDetails {
    private(set) var lines: [String] = []

    init(_ message: QueuedMessage, at now: Timestamp) {
        let wording = Wording(now: now)
        add("id", message.id)
        add("account", message.account)
        add("state", message.state.rawValue)
        add("reason", message.reason)
        add("sender", message.sender.isEmpty ? "<>" : message.sender)
        add("message-id", message.messageID)
        add("size", Wording.size(message.octets))
        add("priority", String(message.priority))
        add("created", "\(message.created) (\(wording.relative(message.created) ?? ""))")
        add("attempts", String(message.attempts))
        add("next attempt", message.nextAttempt.map { "\($0) (\(wording.relative($0) ?? ""))" })
        add("finished", message.finished?.description)
        addRecipients(message.recipients ?? [])
        addHistory(message.history ?? [])
    }

    private mutating func addRecipients(_ recipients: [QueuedMessage.Recipient]) {
        guard !recipients.isEmpty else { return }
        var table = Table([
            Table.Column("RECIPIENT"), Table.Column("STATE"), Table.Column("ATTEMPTS", .right), Table.Column("REPLY"),
        ])
        for recipient in recipients {
            table.append([
                recipient.address, recipient.state.rawValue, String(recipient.attempts), recipient.reply,
            ])
        }
        lines += [""] + table.lines
    }

    private mutating func addHistory(_ attempts: [QueuedMessage.Attempt]) {
        guard !attempts.isEmpty else { return }
        var table = Table([
            Table.Column("ATTEMPT", .right), Table.Column("STARTED"), Table.Column("FINISHED"),
            Table.Column("OUTCOME"), Table.Column("REPLY"),
        ])
        for attempt in attempts {
            table.append([
                String(attempt.number), attempt.started.description, attempt.finished?.description, attempt.outcome,
                attempt.reply,
            ])
        }
        lines += [""] + table.lines
    }

    private mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        lines.append(name + String(repeating: " ", count: 14 - name.count) + Printable(value).description)
    }
}
