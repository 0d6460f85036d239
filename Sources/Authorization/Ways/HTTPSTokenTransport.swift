import Diagnostics
import MailModel
import Transport

/// Reaches the providers over HTTPS.
public struct HTTPSTokenTransport: TokenTransport {
    private let client: HTTPSClient
    private let proxy: @Sendable () async throws -> Proxy?

    /// - Parameter proxy: asked for each request, so that a reload changes it.
    public init(_ client: HTTPSClient, proxy: @escaping @Sendable () async throws -> Proxy? = { nil }) {
        self.client = client
        self.proxy = proxy
    }

    public func post(
        _ form: Secret, to url: String, of provider: Provider, operation: String, timeout: Duration
    ) async throws -> TokenReply {
        let headers: HTTPHeaders = [
            "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json",
        ]
        // Not to be repeated by the transport: a rotated refresh token works once.
        let response = try await client.send(
            HTTPRequest(
                "POST", url, headers: headers, body: .bytes(form.withBytes { $0 }), timeout: timeout,
                responseLimit: Limits.replyBody, trust: provider.trust, proxy: try await proxy(),
                operation: operation, mayBeRepeated: false))
        return TokenReply(
            status: response.status, retryAfter: response.headers["Retry-After"], body: response.body)
    }

    public func get(
        _ url: String, of provider: Provider, operation: String, timeout: Duration
    ) async throws -> TokenReply {
        let response = try await client.send(
            HTTPRequest(
                "GET", url, headers: ["Accept": "application/json"], timeout: timeout,
                responseLimit: Limits.replyBody, trust: provider.trust, proxy: try await proxy(),
                operation: operation))
        return TokenReply(
            status: response.status, retryAfter: response.headers["Retry-After"], body: response.body)
    }
}
