import Diagnostics

/// Decides what a server's refusal means: how far it reaches, when to try again, what to do.
///
/// First the rules for what providers are known to say, of which some contradict the code's class: a quota that is
/// full for a day comes as 5yz, and settings of the tenant look like wrong passwords. Then the code alone (RFC 5321
/// §4.2.1).
public enum SMTPClassifier {
    /// - Parameter reply: a reply of 4yz or 5yz, or one that does not fit its stage.
    public static func classify(_ reply: SMTPReply, at stage: SMTPStage) -> Failure {
        let text = reply.text.lowercased()
        let rules = stage == .signIn ? SMTPRule.signIn : SMTPRule.sending
        let verdict =
            rules.first { $0.matches(reply, text, stage) }?.verdict
            ?? (stage == .signIn ? signIn(reply) : byCode(reply, at: stage))
        return Failure(
            verdict.scope, verdict.retry, operation: stage.rawValue, reason: verdict.reason,
            serverLine: reply.serverLine, condition: verdict.condition)
    }

    private static func signIn(_ reply: SMTPReply) -> SMTPVerdict {
        switch reply.code {
        case 504:
            .init(
                .direction, .whenReconfigured(by: .operatorOfPostbote),
                "The server does not know the sign-in mechanism, although it offered it. Use another grant.")
        case 538:
            .init(
                .direction, .whenReconfigured(by: .operatorOfPostbote),
                "The server wants an encrypted connection for signing in. Set tls to implicit or starttls.")
        case 500...503, 421, 400...499:
            .init(.direction, .later(after: nil), "The server cannot sign anybody in at the moment.")
        case 500...599:
            .init(
                .direction, .whenReauthorized,
                "The server refused the sign-in. If this stays, sign in again with `postbote authorize`, as a user "
                    + "who may use this mailbox.", .signInRefused)
        default:
            .init(.direction, .later(after: nil), "The server's reply to the sign-in makes no sense.")
        }
    }

    private static func byCode(_ reply: SMTPReply, at stage: SMTPStage) -> SMTPVerdict {
        switch (stage, reply.code) {
        case (.idle, _):
            .init(.direction, .now, "The server ended the session.", .sessionEnded)
        case (.hello, 500...599):
            .init(
                .direction, .whenReconfigured(by: .operatorOfPostbote),
                "The server does not want to talk to this machine. Check host and port; if both are right, ask its "
                    + "operator why it refuses this address.")
        case (.hello, _):
            .init(.direction, .later(after: nil), "The server takes no mail at the moment.")
        case (_, 421):
            .init(.message, .later(after: nil), "The server closed the connection; the message is tried again.")
        case (_, 503), (.reset, _):
            .init(.message, .later(after: nil), "The server lost track of the dialog; the message is tried again.")
        case (.recipient, 400...499):
            .init(.message, .later(after: nil), "The server does not take mail for this recipient at the moment.")
        case (.recipient, 500...599):
            .init(.message, .never, "The server refuses this recipient. Check the address.")
        case (.mail, 500...599):
            .init(.message, .never, "The server refuses this sender. Check the sender's address.")
        case (_, 500...599):
            .init(.message, .never, "The server refuses this message; its own words say why.")
        case (_, 400...499):
            .init(.message, .later(after: nil), "The server does not take the message at the moment.")
        default:
            .init(.message, .later(after: nil), "The server's reply does not fit the command.")
        }
    }
}

/// How far a reply reaches and when to try again, in words of our own.
struct SMTPVerdict: Sendable {
    var scope: Failure.Scope
    var retry: Failure.Retry
    var reason: String
    var condition: Failure.Condition?

    init(
        _ scope: Failure.Scope, _ retry: Failure.Retry, _ reason: String, _ condition: Failure.Condition? = nil
    ) {
        self.scope = scope
        self.retry = retry
        self.reason = reason
        self.condition = condition
    }
}
