import Sessions

/// Opens an account's submission server: a valid token, a connection, a sign-in.
public protocol SubmitterConnector: Sendable {
    /// - Throws: `Failure` that says how far it reaches and when to try again.
    func open() async throws -> any Submitter
}
