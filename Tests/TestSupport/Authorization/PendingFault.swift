/// A failure that waits for its request.
struct PendingFault: Sendable {
    let endpoint: AuthorizationRecord.Endpoint
    /// Whose request it waits for; nil for anybody's.
    let client: String?
    let fault: AuthorizationFault

    func meets(_ request: AuthorizationRecord) -> Bool {
        endpoint == request.endpoint && (client == nil || client == request.client)
    }
}
