import Diagnostics
import MailModel
import Store

/// How many messages may leave in a minute, and recipients in a day: a window that slides, so that a provider that counts
/// in its own way never counts more.
///
/// What was spent before a start comes from the store; from then on this value counts along.
struct RateBudget {
    private struct Entry {
        /// While its attempt runs.
        var id: QueueID?
        var spending: Spending
    }

    private static let minute = Duration.seconds(60)
    static let day = Duration.seconds(86400)

    private let rate: SendSettings.Rate
    /// Oldest first.
    private var entries: [Entry]

    /// Whether anything is limited.
    static func limits(_ rate: SendSettings.Rate) -> Bool {
        rate.messagesPerMinute != nil || rate.recipientsPerDay != nil
    }

    /// - Parameter spent: what attempts of the last day took, oldest first.
    init(_ rate: SendSettings.Rate, spent: [Spending] = []) {
        self.rate = rate
        entries = RateBudget.limits(rate) ? spent.map { Entry(spending: $0) } : []
    }

    /// When message `id` to so many recipients may leave; `nil`: now, and it is counted.
    mutating func take(_ id: QueueID, recipients: Int, at now: Timestamp) -> Timestamp? {
        guard RateBudget.limits(rate) else { return nil }
        forget(at: now)
        if let opens = [messagesOpen(at: now), recipientsOpen(for: recipients)].compactMap(\.self).max() {
            return opens
        }
        entries.append(Entry(id: id, spending: Spending(at: now, messages: 1, recipients: recipients)))
        return nil
    }

    /// The attempt is over, and the server took or may have taken so many recipients.
    mutating func settle(_ id: QueueID, recipients: Int) {
        guard let index = entries.lastIndex(where: { $0.id == id }) else { return }
        entries[index].id = nil
        entries[index].spending.recipients = recipients
    }

    /// No attempt was begun.
    mutating func giveBack(_ id: QueueID) {
        guard let index = entries.lastIndex(where: { $0.id == id }) else { return }
        entries.remove(at: index)
    }

    private mutating func forget(at now: Timestamp) {
        let isCountedByDay = rate.recipientsPerDay != nil
        entries.removeAll { entry in
            if entry.spending.at > now - RateBudget.minute { return false }
            let isOfToday = entry.spending.at > now - RateBudget.day
            return !(isCountedByDay && isOfToday && entry.spending.recipients > 0)
        }
    }

    /// When a further message may leave as far as the minute is concerned; `nil`: now.
    private func messagesOpen(at now: Timestamp) -> Timestamp? {
        guard let limit = rate.messagesPerMinute.map({ max($0, 1) }) else { return nil }
        let recent = entries.filter { $0.spending.at > now - RateBudget.minute }
        var excess = recent.reduce(0) { $0 + $1.spending.messages } + 1 - limit
        guard excess > 0 else { return nil }
        for entry in recent {
            excess -= entry.spending.messages
            if excess <= 0 { return entry.spending.at + RateBudget.minute }
        }
        return nil
    }

    /// When so many recipients fit into the day; `nil`: now. A message that never fits leaves when nothing else counts.
    private func recipientsOpen(for count: Int) -> Timestamp? {
        guard let limit = rate.recipientsPerDay else { return nil }
        let counted = entries.filter { $0.spending.recipients > 0 }
        var excess = counted.reduce(0) { $0 + $1.spending.recipients } + count - limit
        guard excess > 0 else { return nil }
        for entry in counted {
            excess -= entry.spending.recipients
            if excess <= 0 { return entry.spending.at + RateBudget.day }
        }
        return counted.last.map { $0.spending.at + RateBudget.day }
    }
}
