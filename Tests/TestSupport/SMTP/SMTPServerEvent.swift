/// What a client just did, for a policy to decide on.
public struct SMTPServerEvent: Sendable {
    /// The command in capitals; `CONNECT` before the greeting, `.` at the end of a message.
    public let verb: String
    /// What followed it on its line.
    public let argument: String
    /// Which connection, from 1 on.
    public let connection: Int
    /// How often this verb came at this server, from 1 on.
    public let occurrence: Int
    /// The message, at its end.
    public let transaction: SMTPTransaction?

    /// The path of MAIL or RCPT, without angle brackets.
    public var path: String {
        guard let colon = argument.firstIndex(of: ":") else { return "" }
        return argument[argument.index(after: colon)...].split(separator: " ").first.map { String($0).trimmingAngles }
            ?? ""
    }
}

/// What a policy makes the server do instead of the usual.
public enum SMTPServerAction: Sendable {
    /// This reply, lines separated by LF. Nothing else happens: a refused recipient is not in the transaction.
    case reply(String)
    /// This reply, then the connection is closed.
    case replyAndClose(String)
    /// The connection is closed without a reply.
    case close
    /// No reply ever; the connection stays open.
    case hang
    /// As usual, once the gate is open.
    case hold(Gate)
    /// At the end of a message: it is taken over, but the connection is closed instead of the reply.
    case acceptAndClose
    /// At the end of a message: it is taken over, but no reply ever comes.
    case acceptAndHang
}
