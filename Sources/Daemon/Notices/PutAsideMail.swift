import MailModel

/// The mail about messages that stepped aside by themselves.
struct PutAsideMail {
    /// What became of one account's messages.
    struct Part: Hashable, Sendable {
        enum Kind: Hashable, Sendable, Comparable { case held, quarantined }

        var account: AccountName
        var kind: Kind
        var count: Int
        /// A line for each of the first.
        var named: [String]
    }

    private let parts: [Part]

    /// `nil` when there is nothing to tell.
    init?(_ parts: [Part]) {
        guard !parts.isEmpty else { return nil }
        self.parts = parts.sorted { ($0.account, $0.kind) < ($1.account, $1.kind) }
    }

    var subject: String {
        let held = parts.filter { $0.kind == .held }.reduce(0) { $0 + $1.count }
        let quarantined = parts.filter { $0.kind == .quarantined }.reduce(0) { $0 + $1.count }
        var words: [String] = []
        if held > 0 { words.append("\(held) \(held == 1 ? "message" : "messages") held") }
        if quarantined > 0 {
            words.append("\(quarantined) \(quarantined == 1 ? "message" : "messages") in quarantine")
        }
        let accounts = Set(parts.map(\.account))
        let who = accounts.count == 1 ? parts[0].account.text : "\(accounts.count) accounts"
        return "\(who): \(words.joined(separator: ", "))"
    }

    var text: String {
        var paragraphs = parts.prefix(Limits.accountsNamed).map(Self.paragraph)
        let more = parts.dropFirst(Limits.accountsNamed).reduce(0) { $0 + $1.count }
        if more > 0 {
            paragraphs.append(
                "And \(more) of further accounts: postbote queue list --state held, postbote quarantine list\n")
        }
        return paragraphs.joined(separator: "\n")
    }

    private static func paragraph(_ part: Part) -> String {
        let (name, one) = (part.account.text, part.count == 1)
        var lines: [String]
        switch part.kind {
        case .held:
            lines = [
                "\(name): \(part.count) \(one ? "message is" : "messages are") held, because sending was parked for longer "
                    + "than parked_max. Nothing is lost, and nothing is sent before somebody releases \(one ? "it" : "them")."
            ]
        case .quarantined:
            lines = [
                "\(name): \(part.count) \(one ? "message" : "messages") could not be read or handed over, and \(one ? "is" : "are") "
                    + "in quarantine. The others go on."
            ]
        }
        lines += part.named.map { "- \($0)" }
        if part.count > part.named.count { lines.append("- and \(part.count - part.named.count) more") }
        switch part.kind {
        case .held:
            lines.append("What keeps the account from sending: postbote status \(name)")
            lines.append("When that is mended: postbote queue release --account \(name)")
        case .quarantined:
            lines.append("All of them: postbote quarantine list --account \(name)")
            lines.append(
                "Then, for each ID: postbote quarantine show ID, and retry ID, deliver ID or drop ID in its place")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
