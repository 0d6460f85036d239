extension AccountFetcher {
    /// Runs `work` between two turns: no mail is fetched before it has ended.
    public func betweenTurns<Value: Sendable>(
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        await turnstile.enter()
        do {
            let value = try await work()
            await turnstile.leave()
            return value
        } catch {
            await turnstile.leave()
            throw error
        }
    }
}
