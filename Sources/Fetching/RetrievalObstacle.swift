import Diagnostics
import MailModel

/// Why a message that the server lists was not retrieved, and when to ask for it again. Decided from facts.
enum RetrievalObstacle: Hashable {
    /// A FETCH was refused, and this was the first message that it had not answered. Asked for alone at the next visit,
    /// which tells whether it was this message's fault.
    case refused(Failure)
    /// The connection ended before this message was answered. Networks do that far more often than messages do: it is
    /// asked for alone at the next visits, and is not blamed before that has failed several times in a row.
    case brokenOff(Failure)
    /// The server said OK and sent nothing: not retrieved, which is not the same as deleted. If it was removed, the next
    /// look shows that.
    case unanswered
    /// Exchange sent a mail of its own making in its place.
    case stub

    /// When to try again after `attempts` that failed, the last one at `now`; a moment that has come means at the next
    /// visit. `nil`: the message steps aside, and an operator decides.
    func nextAttempt(after attempts: Int, at now: Timestamp) -> Timestamp? {
        let atOnce =
            switch self {
            case .refused: 1
            case .brokenOff: 4
            case .unanswered, .stub: 2
            }
        let waits = [900, 3_600, 4 * 3_600, 86_400, 86_400].map { Duration.seconds($0) }
        guard attempts > atOnce else { return now }
        return attempts - atOnce <= waits.count ? now + waits[attempts - atOnce - 1] : nil
    }

    var failure: Failure {
        switch self {
        case .refused(let failure), .brokenOff(let failure):
            var failure = failure
            failure.scope = .message
            return failure
        case .unanswered:
            return RetrievalObstacle.failure(
                "The server listed the message, said OK to its fetch and did not send it.")
        case .stub:
            return RetrievalObstacle.failure(
                "Exchange cannot render the message and sends a note in its place. Its owner can open it in Outlook, or "
                    + "move it out of the folder.")
        }
    }

    private static func failure(_ reason: String) -> Failure {
        Failure(.message, .later(after: nil), operation: "fetch", reason: reason)
    }

    /// The message that a FETCH of `asked` may have failed on: the first one that was not answered. `nil` where the
    /// failure says another cause, such as a session or token that ended, or a server that wants a pause.
    static func suspect(asked: UIDSet, answered: UIDSet, after failure: Failure) -> UID? {
        guard failure.condition == nil, failure.retry == .later(after: nil) || failure.retry == .never else {
            return nil
        }
        return asked.subtracting(answered).first
    }
}
