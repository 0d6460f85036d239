import Diagnostics
import MailModel

/// The way to a provider's endpoints: one request, one reply.
public protocol TokenTransport: Sendable {
    /// Sends `form` as `application/x-www-form-urlencoded`, follows no redirect, and trusts what `provider.trust` says.
    ///
    /// - Parameter operation: what a failure calls it, such as `refresh token`.
    /// - Returns: whatever was answered, refusals included.
    /// - Throws: `Failure` when there was no answer: name lookup, TLS, proxy, or nothing within `timeout`, which is
    ///   the only end of a request that gets no answer.
    func post(
        _ form: Secret, to url: String, of provider: Provider, operation: String, timeout: Duration
    ) async throws -> TokenReply

    /// Asks for a document that everybody may read, such as that of an issuer. As `post`.
    func get(_ url: String, of provider: Provider, operation: String, timeout: Duration) async throws -> TokenReply
}
