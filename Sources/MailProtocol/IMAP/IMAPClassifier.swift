import Diagnostics

/// Says what a server's refusal means: how far it reaches, when trying again makes sense, and what to do.
///
/// First by the text of the servers that have no response codes (Exchange), then by response code (RFC 5530), then by
/// what was being done.
public enum IMAPClassifier {
    /// - Parameters:
    ///   - reply: NO, BAD or BYE, tagged or not. An OK is a programming error and comes out as out of step.
    ///   - operation: what was being done.
    public static func failure(
        for reply: IMAPReply, during operation: IMAPOperation, at server: IMAPServerKind = .other
    ) -> Failure {
        let verdict =
            byText(reply.text, during: operation) ?? reply.code.flatMap { byCode($0, during: operation) }
            ?? byStatus(reply, during: operation, at: server)
        return verdict.failure(operation, line: reply.line)
    }

    /// What a line that is no IMAP means; `nil` when it means nothing known and is best ignored.
    public static func failure(forLine line: String, during operation: IMAPOperation) -> Failure? {
        byText(line, during: operation)?.failure(operation, line: line)
    }

    /// What is known before the sentence has its operation and line.
    struct Verdict {
        var scope: Failure.Scope
        var retry: Failure.Retry
        var condition: Failure.Condition?
        var reason: String

        init(_ scope: Failure.Scope, _ retry: Failure.Retry, _ reason: String) {
            self.init(scope, retry, nil, reason)
        }

        init(_ scope: Failure.Scope, _ retry: Failure.Retry, _ condition: Failure.Condition?, _ reason: String) {
            self.scope = scope
            self.retry = retry
            self.condition = condition
            self.reason = reason
        }

        func failure(_ operation: IMAPOperation, line: String) -> Failure {
            Failure(
                scope, retry, operation: operation.rawValue, reason: reason,
                serverLine: String(line.prefix(IMAPClassifier.lineLength)), condition: condition)
        }
    }

    /// Characters kept of the server's line.
    private static let lineLength = 500
}

// MARK: By status and operation

extension IMAPClassifier {
    private static func byStatus(
        _ reply: IMAPReply, during operation: IMAPOperation, at server: IMAPServerKind
    ) -> Verdict {
        switch reply.status {
        case .ok, .preauth: Verdict(.direction, .later(after: nil), "The server's reply does not fit what was asked.")
        case .bye: bye(during: operation)
        case .no where operation == .signIn: refusedSignIn(at: server)
        case .bad where operation == .signIn:
            Verdict(
                .direction, .later(after: nil),
                "The server did not understand the sign-in. It will be tried again; if that does not help, check host, "
                    + "port and grant.")
        case .no: no(during: operation)
        case .bad: bad(during: operation)
        }
    }

    private static func bye(during operation: IMAPOperation) -> Verdict {
        operation == .idle
            ? Verdict(.direction, .now, .sessionEnded, "The server ended the session. A new one is opened.")
            : Verdict(.direction, .later(after: nil), "The server closed the connection. It will be tried again.")
    }

    /// A bare NO says nothing about the reason: Exchange answers the same to a wrong user, a missing permission, IMAP
    /// switched off, and its own disturbances.
    private static func refusedSignIn(at server: IMAPServerKind) -> Verdict {
        let advice =
            server == .exchange
            ? "Check that the right user signed in, that IMAP is enabled for the mailbox, and for app permissions that "
                + "the service principal has access to it."
            : "Check login and credential, or sign in again."
        return Verdict(
            .direction, .whenReauthorized, .signInRefused, "The server refused the sign-in. \(advice)")
    }

    private static func no(during operation: IMAPOperation) -> Verdict {
        let scope: Failure.Scope = operation.isOfFolder ? .folder : .direction
        return Verdict(scope, .later(after: nil), "The server refused \(operation.rawValue). It will be tried again.")
    }

    private static func bad(during operation: IMAPOperation) -> Verdict {
        let scope: Failure.Scope = operation.isOfFolder ? .folder : .direction
        return Verdict(
            scope, .later(after: nil),
            "The server did not understand \(operation.rawValue), or failed while doing it. It will be tried again.")
    }
}
