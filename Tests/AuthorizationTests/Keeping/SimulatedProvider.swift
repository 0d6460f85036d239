import Authorization
import Diagnostics
import MailModel
import Synchronization
import TestSupport

/// Grants everything at once, and remembers when whose refresh token came.
final class SimulatedProvider: TokenTransport {
    private let clock: TestClock
    private let lifetime: Duration
    private let asked = Mutex<[String: [Timestamp]]>([:])

    init(clock: TestClock, lifetime: Duration) {
        self.clock = clock
        self.lifetime = lifetime
    }

    /// When each refresh token was used.
    var refreshes: [String: [Timestamp]] { asked.withLock { $0 } }
    var count: Int { asked.withLock { $0.values.reduce(0) { $0 + $1.count } } }

    func post(
        _ form: Secret, to url: String, of provider: Provider, operation: String, timeout: Duration
    ) async throws -> TokenReply {
        let fields = form.reveal().split(separator: "&")
        let token = fields.first { $0.hasPrefix("refresh_token=") }.map { String($0.dropFirst(14)) } ?? ""
        let now = clock.now
        let number = asked.withLock { asked in
            asked[token, default: []].append(now)
            return asked[token]?.count ?? 0
        }
        return .token("access-\(token)-\(number)", lifetime: Int(lifetime.components.seconds))
    }

    func get(_ url: String, of provider: Provider, operation: String, timeout: Duration) async throws -> TokenReply {
        TokenReply(status: 404, body: [])
    }
}
