import Diagnostics
import MailModel
import MailProtocol

/// A way to submit messages, signed in: all that sending asks of it, whatever the protocol.
public protocol Submitter: Sendable {
    /// Whether another message can be submitted here.
    var isUsable: Bool { get async }

    /// Submits one message, and says for each recipient what became of it. It does not throw: whatever goes wrong is the
    /// outcome of the recipients it concerns.
    ///
    /// - Parameter marker: called when only the final dot is missing, with the outcomes that are settled already by the
    ///   recipient's position. It returns when it is durable that the dot may have been sent: only between that and the
    ///   server's reply can the other recipients be in doubt.
    func submit(
        _ envelope: SMTPEnvelope, content: any MessageContent,
        marker: @escaping @Sendable (_ settled: [Int: SMTPOutcome]) async throws -> Void
    ) async -> SMTPResult

    /// Why the server would not take mail from `sender`; `nil`: it would. It is asked, and nothing is sent.
    func refusal(of sender: MailAddress) async -> Failure?

    /// Says good-bye where that makes sense, and closes the connection.
    func close() async
}

/// A message's content, read in pieces from any offset, with CRLF line ends.
public protocol MessageContent: Sendable {
    /// The next octets from `offset` on; empty at the end.
    func read(from offset: Int64) async throws -> [UInt8]
}
