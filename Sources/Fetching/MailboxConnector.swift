import Sessions

/// Opens an account's mailbox: a valid token, a connection, a sign-in.
public protocol MailboxConnector: Sendable {
    /// - Throws: `Failure` that says how far it reaches and when to try again. A refused sign-in with a fresh token has the
    ///   condition `signInRefused`.
    func open() async throws -> any Mailbox
}
