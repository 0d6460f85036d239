import Diagnostics
import Explanations

/// Why a sign-in did not work, as far as the owner of the mailbox can do something about it.
public struct OwnerProblem: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// They declined, or a rule of their organisation did.
        case declined
        /// Somebody else signed in.
        case wrongPerson(expected: String, came: String)
        /// Under the right name, but known to the provider as another person than before.
        case changedPerson
        /// Another try may do.
        case again
        /// It passes.
        case later
        /// Their organisation's administrator has to allow it.
        case needsApproval
        /// The administrator of Postbote has to correct something.
        case misconfigured
    }

    public var kind: Kind
    /// For the administrator: what the provider said means and what to do, in English.
    public var forAdministrator: String?

    public init(_ kind: Kind, forAdministrator: String? = nil) {
        self.kind = kind
        self.forAdministrator = forAdministrator
    }

    /// - Parameters:
    ///   - expected: who should have signed in.
    ///   - facts: the names in what the administrator is told.
    public init(_ failure: Failure, expected: String, _ facts: ExplanationFacts) {
        switch failure.condition {
        case .wrongPerson:
            self.init(.wrongPerson(expected: expected, came: failure.place["signed_in"] ?? "?"))
        case .changedPerson:
            self.init(.changedPerson, forAdministrator: "\(failure.operation): \(failure.reason)")
        default:
            let known = Explanations.of(serverLine: failure.serverLine, reason: failure.reason, state: "")
            let kind = known.map(OwnerProblem.kind) ?? OwnerProblem.kind(failure.retry)
            self.init(kind, forAdministrator: OwnerProblem.words(kind, failure, known?.filled(with: facts)))
        }
    }

    private static func kind(_ explanation: Explanation) -> Kind {
        // The provider's page had a button for that, and it was pressed.
        if ["AADSTS65004", "OAuth access_denied"].contains(explanation.key) { return .declined }
        return switch explanation.actor {
        case .owner: .again
        case .tenant: .needsApproval
        case .operator: .misconfigured
        case .nobody: .later
        }
    }

    private static func kind(_ retry: Failure.Retry) -> Kind {
        switch retry {
        case .now, .later: .later
        case .whenReauthorized: .again
        case .whenReconfigured(by: .tenantAdministrator): .needsApproval
        case .whenReconfigured(by: .operatorOfPostbote), .never: .misconfigured
        }
    }

    /// What the owner can do is on the page in their own language; commands are for whoever can run them.
    private static func words(_ kind: Kind, _ failure: Failure, _ known: Explanation?) -> String? {
        switch kind {
        case .needsApproval, .misconfigured:
            known.map { "\($0.key): \($0.happened) \($0.toDo)" } ?? "\(failure.operation): \(failure.reason)"
        default: known?.key
        }
    }
}
