import Diagnostics
import Explanations

/// A failure as `status` and the control API show it.
public struct ErrorReport: Codable, Hashable, Sendable {
    public var at: Timestamp?
    /// What was being done: `connect`, `sign in`, `UID FETCH`.
    public var operation: String
    /// What happened and what to do, in a sentence.
    public var reason: String
    /// The server's own line.
    public var serverLine: String?
    /// When trying again makes sense: `now later when_reauthorized when_reconfigured never`.
    public var retry: String
    /// Where it happened: account, folder, UID, host.
    public var place: [String: String]
    /// What it means and who does what about it; only in the answer about one account.
    public var explanation: Explanation?

    enum CodingKeys: String, CodingKey {
        case at, operation, reason
        case serverLine = "server_line"
        case retry, place, explanation
    }

    /// - Parameter facts: with them the failure is explained, which takes a search.
    public init(_ failure: Failure, at moment: Timestamp? = nil, explainedWith facts: ExplanationFacts? = nil) {
        at = moment
        operation = failure.operation
        reason = failure.reason
        serverLine = failure.serverLine
        retry = failure.retry.word
        place = failure.place
        explanation = facts.flatMap { facts in
            var facts = facts
            facts[.host] = place["host"]
            // Of a shared mailbox it is not always the name that the configuration has.
            facts[.login] = place["login"] ?? facts[.login]
            return Explanations.of(serverLine: serverLine, reason: reason, state: failure.stateWord)?.filled(
                with: facts)
        }
    }
}

extension Failure {
    /// The state that it leads to, in the words of `status`.
    fileprivate var stateWord: String {
        switch retry {
        case .now: "waiting"
        case .later: condition == .throttled ? "throttled" : "waiting"
        case .whenReauthorized: "needs_authorization"
        case .whenReconfigured(by: .tenantAdministrator): "needs_admin"
        case .whenReconfigured(by: .operatorOfPostbote): "misconfigured"
        case .never: "failed"
        }
    }
}
