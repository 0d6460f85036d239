/// Keys that are accepted and checked, but whose feature is not built yet. A row leaves this table in the commit that
/// builds its feature.
enum InactiveKeys {
    private struct Row {
        /// Where the key stands: the section's path with NAME for every chosen name, and the key.
        var key: String
        /// What happens instead.
        var instead: String
        /// The values for which the row holds; empty: for all.
        var values: [String] = []
    }

    private static let rows: [String: [Row]] = Dictionary(grouping: [
        Row(key: "api", instead: "nothing listens there; the control socket works"),
        Row(key: "submission", instead: "nothing listens there; `postbote sendmail` works"),
        Row(
            key: "destinations.NAME.type", instead: "mail for it waits on the server",
            values: ["webhook", "lmtp", "pipe"]
        ),
        Row(key: "accounts.NAME.receive.idle", instead: "the folder is polled", values: ["true"]),
        Row(key: "accounts.NAME.receive.daily_download", instead: "there is no limit"),
        Row(
            key: "accounts.NAME.send.save_sent", instead: "mail is not saved to Sent by Postbote", values: ["always"]
        ),
        Row(
            key: "accounts.NAME.send.in_doubt", instead: "the message is held", values: ["resolve", "retry"]
        ),
        Row(key: "accounts.NAME.send.in_doubt_unresolved", instead: "the message is held", values: ["retry"]),
    ]) { $0.key }

    /// Warns if what `entry` asks for, in the section at `path`, is not built yet.
    static func warn(about entry: Value.Entry, in path: String, _ findings: Findings) {
        let key = path.isEmpty ? entry.key : "\(path).\(entry.key)"
        guard let row = rows[key]?.first else { return }
        let text = entry.value.scalar?.text
        guard row.values.isEmpty || row.values.contains(text ?? "") else { return }
        let shown = !row.values.isEmpty ? text.map { "`\(entry.key): \($0)`" } : nil
        findings.warn(
            .inactive, at: entry.keyPosition, "\(shown ?? "`\(entry.key)`") is not active yet: \(row.instead)")
    }
}
