import Diagnostics
import Explanations
import Operations

/// What came of one step.
struct DoctorFinding: Equatable, Sendable {
    var outcome: DoctorReport.Outcome
    /// In a sentence; of a failure its cause.
    var found: String
    var next: String?
    var failure: Failure?

    static func ok(_ found: String) -> DoctorFinding { DoctorFinding(outcome: .ok, found: found) }

    static func skipped(_ reason: String) -> DoctorFinding { DoctorFinding(outcome: .skipped, found: reason) }

    static func warning(_ found: String, next: String) -> DoctorFinding {
        DoctorFinding(outcome: .warning, found: found, next: next)
    }

    static func failed(_ found: String, next: String) -> DoctorFinding {
        DoctorFinding(outcome: .failed, found: found, next: next)
    }

    static func failed(_ failure: Failure) -> DoctorFinding {
        DoctorFinding(outcome: .failed, found: "\(failure.operation): \(failure.reason)", failure: failure)
    }

    /// The same, told to whoever asked: what the failure means, and the exact next step.
    func report(_ step: DoctorStep, seconds: Double, _ facts: ExplanationFacts) -> DoctorReport.Step {
        let problem = failure.map { ErrorReport($0, explainedWith: facts) }
        return DoctorReport.Step(
            step: step.word, of: step.subject, outcome: outcome, found: found,
            nextStep: next ?? problem?.explanation?.toDo, seconds: seconds, problem: problem)
    }
}
