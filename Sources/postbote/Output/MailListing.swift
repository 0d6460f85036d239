import Operations

/// Fetched mail as people read it.
enum MailListing {
    /// A page of what was found; nothing when it is empty.
    static func lines(_ messages: [FetchedMessage], withTitles: Bool) -> [String] {
        guard !messages.isEmpty else { return [] }
        var table = Table([
            Table.Column("STATE"), Table.Column("ACCOUNT"), Table.Column("FOLDER"), Table.Column("UID", .right),
            Table.Column("SIZE", .right), Table.Column("DELIVERED"), Table.Column("TO"), Table.Column("KEY"),
            Table.Column("REMARKS"),
        ])
        for message in messages {
            table.append([
                message.state, message.account, message.folder, message.uid.map { String($0) },
                message.octets.map(Wording.size), message.delivered?.description,
                message.destinations.isEmpty ? nil : message.destinations.joined(separator: ","),
                message.deliveryKey, remarks(message),
            ])
        }
        return withTitles ? table.lines : Array(table.lines.dropFirst())
    }

    static func details(_ message: MailDetails) -> [String] {
        var lines = ["key           \(message.deliveryKey)"]
        for copy in message.copies {
            lines.append("")
            let rows: [(String, String?)] = [
                ("account", copy.account), ("folder", copy.folder),
                ("uid", copy.uid.map { String($0) } ?? "none: it was not found again after the folder moved"),
                ("state", copy.state), ("reason", copy.reason),
                ("doubtful", copy.doubtful ? "it may have been delivered before" : nil),
                ("size", copy.octets.map(Wording.size)), ("date", copy.date?.description),
                ("noted", copy.noted.description), ("delivered", copy.delivered?.description),
                ("to", copy.destinations.isEmpty ? nil : copy.destinations.joined(separator: ", ")),
                ("attempts", copy.attempts.map { String($0) }), ("next attempt", copy.nextAttempt?.description),
                ("redelivery", copy.redelivery.map(redelivery)),
                ("removed", removed(copy)),
            ]
            for (name, value) in rows { add(name, value, to: &lines) }
            for file in copy.files ?? [] { add("files", file, to: &lines) }
            for action in copy.actions { add("to be done", self.action(action), to: &lines) }
        }
        return lines
    }

    private static func remarks(_ message: FetchedMessage) -> String? {
        let remarks =
            [
                message.reason, message.doubtful ? "doubtful" : nil,
                message.uid == nil ? "not found again after the folder moved" : nil,
                message.nextAttempt.map { "asked for again at \($0)" }, message.redelivery.map(redelivery),
                removed(message),
            ].compactMap(\.self) + message.actions.map(action)
        return remarks.isEmpty ? nil : remarks.joined(separator: "; ")
    }

    private static func removed(_ message: FetchedMessage) -> String? {
        message.removed.map { moment in
            message.movedTo.map { "moved to \($0) at \(moment)" } ?? "removed from the server at \(moment)"
        }
    }

    private static func redelivery(_ redelivery: FetchedMessage.Redelivery) -> String {
        "to be delivered again\(redelivery.destination.map { " to \($0)" } ?? "") since \(redelivery.ordered)"
            + (redelivery.attempts > 0 ? ", \(redelivery.attempts) attempts" : "")
    }

    private static func action(_ action: FetchedMessage.Action) -> String {
        let due = action.due.map { "at \($0)" } ?? "once it is delivered"
        let phase = action.phase == "planned" ? due : action.phase
        return "\(action.action)\(action.to.map { " to \($0)" } ?? "") \(phase) (\(action.origin))"
    }

    private static func add(_ name: String, _ value: String?, to lines: inout [String]) {
        guard let value else { return }
        lines.append(name + String(repeating: " ", count: 14 - name.count) + Printable(value).description)
    }
}
