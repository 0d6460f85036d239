import MailModel

// What is not built yet and shows only in the whole account: it is named where the account needs it.
extension InactiveKeys {
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
