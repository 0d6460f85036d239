import MailModel
import Synchronization

/// Gathers descriptions that come in pieces.
final class SummaryList: Sendable {
    private let list = Mutex<[MessageSummary]>([])

    var summaries: [MessageSummary] { list.withLock { $0 } }

    func append(_ summaries: [MessageSummary]) { list.withLock { $0 += summaries } }
}
