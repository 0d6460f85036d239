import Diagnostics

/// Decides what a server's `-ERR` means: how far it reaches, when to try again, what to do.
///
/// Response codes come first (RFC 2449 §8.1, RFC 3206), then what providers are known to say, then the command.
public enum POP3Classifier {
    /// - Parameter loginDelay: what the server said must pass between two sign-ins.
    public static func signIn(_ status: POP3Status, loginDelay: Duration? = nil) -> Failure {
        let text = status.text.lowercased()
        let failure = { (retry: Failure.Retry, reason: String, condition: Failure.Condition?) in
            Failure(
                .direction, retry, operation: "sign in", reason: reason, serverLine: status.serverLine,
                condition: condition)
        }
        if let known = code(status, loginDelay: loginDelay) {
            return failure(known.retry, known.reason, known.condition)
        }
        if text.contains("not enabled for pop") || text.contains("pop access is disabled") {
            return failure(.whenReconfigured(by: .tenantAdministrator), popIsOff, nil)
        }
        if passing.contains(where: text.contains) {
            return failure(.later(after: nil), "The server cannot sign anybody in at the moment.", nil)
        }
        if text.contains("too many") || text.contains("throttled") {
            return failure(.later(after: nil), "The server wants fewer connections. Postbote waits.", .throttled)
        }
        return failure(.whenReauthorized, refused, .signInRefused)
    }

    public static func command(_ command: POP3Command, _ status: POP3Status) -> Failure {
        let scope: Failure.Scope =
            switch command {
            case .retr, .top, .dele: .message
            case .quit: .folder
            default: .direction
            }
        if let known = code(status, loginDelay: nil), known.condition != .signInRefused {
            return Failure(
                scope, known.retry, operation: command.name, reason: known.reason, serverLine: status.serverLine,
                condition: known.condition)
        }
        if command == .uidl {
            return Failure(
                scope, .whenReconfigured(by: .operatorOfPostbote), operation: command.name,
                reason:
                    "The server does not name its messages (UIDL), so that Postbote cannot tell which it has "
                    + "fetched. Use protocol: imap for this mailbox.", serverLine: status.serverLine)
        }
        if command == .quit {
            // RFC 1939 §6: some messages may be gone, and some not.
            return Failure(
                scope, .later(after: nil), operation: command.name,
                reason:
                    "The server did not remove all messages that were to be deleted. The next visit shows which are left.",
                serverLine: status.serverLine)
        }
        return Failure(
            scope, .later(after: nil), operation: command.name,
            reason: "The server refused \(command.name); it is tried again.", serverLine: status.serverLine)
    }

    /// The server spoke without being asked, which it does before it hangs up.
    static func unasked(_ status: POP3Status) -> Failure {
        Failure(
            .direction, .now, operation: "POP3", reason: "The server ended the session.",
            serverLine: status.serverLine, condition: .sessionEnded)
    }

    private static func code(_ status: POP3Status, loginDelay: Duration?) -> POP3Verdict? {
        switch status.code {
        case "SYS/TEMP":
            .init(.later(after: nil), "The server has a problem that it expects to pass.")
        case "SYS/PERM":
            status.text.lowercased().contains("not enabled for pop")
                ? .init(.whenReconfigured(by: .tenantAdministrator), popIsOff)
                : .init(
                    .whenReconfigured(by: .tenantAdministrator),
                    "The server says that somebody must repair this mailbox. Tell the provider's administrator.")
        case "AUTH":
            .init(.whenReauthorized, refused, .signInRefused)
        case "IN-USE":
            .init(
                .later(after: nil),
                "Another program has the mailbox open. If this stays, find the program that fetches from it too.")
        case "LOGIN-DELAY":
            .init(
                .later(after: loginDelay),
                "The server wants more time between two sign-ins. Raise `poll_interval`.", .throttled)
        default: nil
        }
    }

    private static let popIsOff =
        "POP is switched off for this mailbox. Its owner or a tenant administrator must switch it on, or use "
        + "protocol: imap."
    private static let refused =
        "The server refused the sign-in. If this stays, sign in again with `postbote authorize`, as a user who may "
        + "use this mailbox."
    private static let passing = [
        "try again", "temporar", "unavailable", "in use", "locked", "busy", "internal", "timeout", "timed out",
    ]
}

/// When to try again, in words of our own.
private struct POP3Verdict {
    var retry: Failure.Retry
    var reason: String
    var condition: Failure.Condition?

    init(_ retry: Failure.Retry, _ reason: String, _ condition: Failure.Condition? = nil) {
        self.retry = retry
        self.reason = reason
        self.condition = condition
    }
}
