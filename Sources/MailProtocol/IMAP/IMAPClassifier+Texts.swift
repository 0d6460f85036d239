import Diagnostics

// Texts seen from servers that say it only so. Compared in lower case, in this order.
extension IMAPClassifier {
    /// `nil` for a text that is not known.
    static func byText(_ text: String, during operation: IMAPOperation) -> Verdict? {
        let text = text.lowercased()
        return sessionVerdict(text) ?? throttleVerdict(text) ?? disturbance(text, operation)
            ?? (operation == .signIn ? signInVerdict(text) : nil)
            ?? (operation.isOfFolder ? folderVerdict(text, operation) : nil)
    }

    // MARK: The session

    private static func sessionVerdict(_ text: String) -> Verdict? {
        // Exchange ends a session with its token, at any time, also within the text of another reply.
        if text.contains("accesstokenexpired") {
            return Verdict(
                .direction, .now, .sessionEnded, "The session ended with its access token. A new one is opened.")
        }
        // Gmail.
        if text.contains("session expired") {
            return Verdict(
                .direction, .now, .sessionEnded, "The session has lasted as long as it may. A new one is opened.")
        }
        if contains(text, ["autologout", "idle for too long", "logged out for inactivity"]) {
            return Verdict(
                .direction, .now, .sessionEnded, "The server ended an idle session. A new one is opened.")
        }
        // Exchange: SASL was passed, but no mailbox stands behind it.
        guard text.contains("authenticated but not connected") else { return nil }
        return Verdict(
            .direction, .whenReauthorized, .signInRefused,
            "The sign-in was accepted, but does not open this mailbox. Check that the right user signed in, has full access "
                + "to the mailbox, and that IMAP is enabled for it.")
    }

    // MARK: Throttling

    private static func throttleVerdict(_ text: String) -> Verdict? {
        if text.contains("throttled") || text.contains("suggested backoff time") {
            return Verdict(
                .direction, .later(after: suggestedWait(text)), .throttled,
                "The server asked for a pause, because this mailbox made too many requests.")
        }
        let isCrowded =
            contains(text, ["too many", "maximum number of", "limit exceeded"])
            && contains(text, ["connection", "login", "session"])
        guard isCrowded else { return nil }
        return Verdict(
            .direction, .later(after: .seconds(300)), .throttled,
            "Too many sessions are open on this mailbox, or too many were opened. Use fewer clients on it.")
    }

    /// `Suggested Backoff Time: 92415 milliseconds`. Seen up to five minutes; nobody is made to wait longer than an hour.
    private static func suggestedWait(_ text: String) -> Duration? {
        let parts = text.split(separator: "suggested backoff time:")
        guard parts.count > 1 || text.hasPrefix("suggested backoff time:"), let tail = parts.last else { return nil }
        let words = tail.split(separator: " ")
        guard let number = words.first.flatMap({ Int64($0) }), number > 0 else { return nil }
        let isSeconds = words.count > 1 && words[1].hasPrefix("s")
        return min(isSeconds ? .seconds(min(number, 3_600)) : .milliseconds(number), .seconds(3_600))
    }

    // MARK: Disturbances

    private static func disturbance(_ text: String, _ operation: IMAPOperation) -> Verdict? {
        if text.contains("server unavailable") || text.contains("service unavailable") {
            return Verdict(
                .direction, .later(after: nil), "The server is out of order for now. It will be tried again.")
        }
        // Exchange: a command it does not know, or an item it cannot handle. After about ten it hangs up.
        guard text.contains("command argument error") else { return nil }
        return Verdict(
            operation.isOfFolder ? .folder : .direction, .later(after: nil),
            "The server could not do this, perhaps because of one message in the folder. It will be tried again.")
    }

    // MARK: Signing in

    private static func signInVerdict(_ text: String) -> Verdict? {
        if contains(text, ["application-specific password", "app password"]) {
            return Verdict(
                .direction, .whenReconfigured(by: .operatorOfPostbote),
                "The server takes only app passwords here. Make one at the provider, or use OAuth.")
        }
        if contains(text, ["not enabled for imap", "imap access is disabled", "imap is disabled"]) {
            return Verdict(
                .direction, .whenReconfigured(by: .tenantAdministrator),
                "IMAP is switched off for this mailbox. Have it switched on at the provider.")
        }
        if text.contains("via your web browser") {
            return Verdict(
                .direction, .whenReauthorized, .signInRefused,
                "The provider wants the mailbox owner to sign in with a web browser first.")
        }
        guard contains(text, ["temporar", "try again", "internal error", "timed out"]) else { return nil }
        return Verdict(
            .direction, .later(after: nil), "The server cannot sign anybody in for now. It will be tried again.")
    }

    // MARK: Folders

    private static func folderVerdict(_ text: String, _ operation: IMAPOperation) -> Verdict? {
        let isName = operation == .select || operation == .status || operation.addsMessages
        if isName, contains(text, ["doesn't exist", "does not exist", "unknown mailbox", "mailbox not found"]) {
            return noSuchFolder(operation)
        }
        if isName, contains(text, ["noselect", "not selectable", "nonselectable"]) {
            return Verdict(
                .folder, .whenReconfigured(by: .operatorOfPostbote),
                "This folder only holds other folders, no mail. Take it out of `folders`.")
        }
        guard operation.addsMessages, contains(text, ["quota", "mailbox is full"]) else { return nil }
        return Verdict(
            .folder, .later(after: .seconds(3_600)), "The mailbox is full. Make room in it, or have its quota raised."
        )
    }

    private static func contains(_ text: String, _ pieces: [String]) -> Bool {
        pieces.contains { text.contains($0) }
    }
}
