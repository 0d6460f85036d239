/// Where in the dialog a reply came.
public enum SMTPStage: String, Sendable, CaseIterable {
    /// The greeting or the reply to EHLO.
    case hello = "connect"
    case signIn = "sign in"
    case mail = "MAIL FROM"
    case recipient = "RCPT TO"
    /// The reply to the DATA command.
    case data = "DATA"
    /// The reply to the content and its final dot.
    case content = "end of DATA"
    case reset = "RSET"
    /// No command was waiting for a reply.
    case idle
}
