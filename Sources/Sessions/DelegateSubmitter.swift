import Diagnostics
import MailModel
import MailProtocol

/// Submits mail of a shared mailbox in a session of whoever signed in, because the server refused the mailbox's own name.
///
/// There one right decides about all of the mailbox's mail, which another sign-in would not need: without it no message is at
/// fault. The direction is parked, and the name of the session is forgotten.
struct DelegateSubmitter: Submitter {
    let session: any Submitter
    /// Whose name the session has, and that of the shared mailbox.
    let delegate: String
    let mailbox: String
    /// Called when the right turns out to be missing.
    let denied: @Sendable () async -> Void

    var isUsable: Bool { get async { await session.isUsable } }

    func submit(
        _ envelope: SMTPEnvelope, content: any MessageContent,
        marker: @escaping @Sendable (_ settled: [Int: SMTPOutcome]) async throws -> Void
    ) async -> SMTPResult {
        let sender = envelope.reversePath
        var result = await session.submit(envelope, content: content) { settled in
            try await marker(settled.mapValues { outcome($0, of: sender) })
        }
        guard result.outcomes.contains(where: { $0.failure?.condition == .sendAsDenied }) else { return result }
        result.outcomes = result.outcomes.map { outcome($0, of: sender) }
        await denied()
        return result
    }

    func refusal(of sender: MailAddress) async -> Failure? {
        guard let failure = await session.refusal(of: sender) else { return nil }
        guard failure.condition == .sendAsDenied else { return failure }
        await denied()
        return permission(missing: failure, of: sender)
    }

    func close() async { await session.close() }

    private func outcome(_ outcome: SMTPOutcome, of sender: MailAddress?) -> SMTPOutcome {
        guard case .failed(let failure) = outcome, failure.condition == .sendAsDenied else { return outcome }
        return .deferred(permission(missing: failure, of: sender))
    }

    /// What only the mailbox's own mail needs concerns all of it; another sender may be this one message's trouble.
    private func permission(missing failure: Failure, of sender: MailAddress?) -> Failure {
        let name = sender?.description ?? mailbox
        var copy = failure.at("login", delegate)
        copy.scope = name.lowercased() == mailbox.lowercased() ? .direction : .message
        copy.retry = .whenReconfigured(by: .tenantAdministrator)
        copy.reason =
            "The server did not take the name \(mailbox), and \(delegate), who signed in, may not send as \(name). The mail is "
            + "kept. A tenant administrator gives that right: Add-RecipientPermission \(name) -Trustee \(delegate) "
            + "-AccessRights SendAs. Where it was given, it may take an hour."
        return copy
    }
}
