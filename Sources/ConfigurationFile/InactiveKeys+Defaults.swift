import MailModel

// Defaults that are not built yet: nobody wrote them, so they are named where the account needs them.
extension InactiveKeys {
    /// - Parameter section: the account's.
    static func warn(about receive: ReceiveSettings, in section: Section, _ findings: Findings) {
        let isSeveral =
            receive.folders.count > 1
            || receive.folders.contains { folder in
                switch folder.selector {
                case .pattern, .subscribed: true
                case .name, .role: false
                }
            }
        guard isSeveral, receive.foldersOverlap == .once else { return }
        findings.warn(
            .inactive, at: position(of: ["folders_overlap", "folders"], of: "receive", in: section),
            "`folders_overlap: once` is not active yet: mail that several watched folders hold is delivered from each"
        )
    }

    /// - Parameter section: the account's.
    static func warn(
        about send: SendSettings, of provider: Provider, in section: Section, _ findings: Findings
    ) {
        guard send.saveSent == .auto, !provider.filesSent else { return }
        findings.warn(
            .inactive, at: position(of: ["save_sent"], of: "send", in: section),
            "`save_sent: auto` is not active yet: sent mail is not saved to Sent, unless the server does that "
                + "(`files_sent` of the provider)")
    }

    /// Where the first of `keys` that is written stands; else the direction itself.
    private static func position(of keys: [String], of direction: String, in section: Section) -> Position {
        guard let entry = section.entry(direction) else { return section.position }
        guard case .map(let entries) = entry.value.content else { return entry.keyPosition }
        let written = keys.lazy.compactMap { key in entries.first { $0.key == key } }.first
        return written?.keyPosition ?? entry.keyPosition
    }
}
