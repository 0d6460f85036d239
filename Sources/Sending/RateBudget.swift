import Diagnostics
import MailModel

/// How many messages may leave in a minute, and recipients in a day: a window that slides, so that a provider that counts
/// in its own way never counts more.
struct RateBudget {
    private let rate: SendSettings.Rate
    private var messages: [Timestamp] = []
    private var recipients: [(at: Timestamp, count: Int)] = []

    init(_ rate: SendSettings.Rate) { self.rate = rate }

    /// When a message to so many recipients may leave; `nil`: now, and it is counted.
    mutating func take(recipients count: Int, at now: Timestamp) -> Timestamp? {
        messages.removeAll { $0 <= now - .seconds(60) }
        recipients.removeAll { $0.at <= now - .seconds(86400) }
        if let limit = rate.messagesPerMinute, messages.count >= max(limit, 1) {
            return messages[messages.count - max(limit, 1)] + .seconds(60)
        }
        let spent = recipients.reduce(0) { $0 + $1.count }
        if let limit = rate.recipientsPerDay, spent > 0, spent + count > limit {
            return recipients[0].at + .seconds(86400)
        }
        if rate.messagesPerMinute != nil { messages.append(now) }
        if rate.recipientsPerDay != nil { recipients.append((now, count)) }
        return nil
    }
}
