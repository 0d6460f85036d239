import MailModel
import Store

/// Messages in staging that will share their syncs and their two commits.
struct StagedBatch: Sendable {
    private(set) var messages: [StagedMessage] = []
    private(set) var octets: Int64 = 0

    var isEmpty: Bool { messages.isEmpty }

    /// Enough for a batch of its own, while the committer is free.
    var isWorthwhile: Bool { messages.count >= Limits.batchMessages || octets >= Limits.batchOctets }

    /// No more may be added.
    var isFull: Bool { messages.count >= Limits.largestBatchMessages || octets >= 2 * Limits.batchOctets }

    mutating func append(_ message: StagedMessage) {
        messages.append(message)
        octets += message.contentSize
    }
}
