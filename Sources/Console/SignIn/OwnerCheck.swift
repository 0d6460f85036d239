import Operations

/// The live check after a sign-in: doctor's steps, put together into the five that the owner of a mailbox understands. A
/// value: a finished step in, where it stands out.
public struct OwnerCheck: Hashable, Sendable {
    public enum Part: String, Sendable, CaseIterable {
        /// The token, and whose it is.
        case signIn = "sign_in"
        /// IMAP or POP3.
        case mailbox
        case folders
        /// SMTP.
        case sending
        case testMail = "test_mail"
    }

    public enum State: String, Sendable {
        case waiting, running, ok, failed
        /// Something before it failed, or it does not apply.
        case skipped
    }

    /// A step of doctor, by its word and which of several it is.
    public struct Step: Hashable, Sendable {
        var word: String
        var subject: String?

        public init(_ word: String, of subject: String?) {
            self.word = word
            self.subject = subject
        }

        /// `nil` for what only the administrator cares about.
        var part: Part? {
            switch word {
            case "token", "identity": .signIn
            case "dns", "tcp", "tls": subject == "smtp" ? .sending : .mailbox
            case "mailbox_sign_in": .mailbox
            case "folders": .folders
            case "submission_sign_in", "sender": .sending
            case "test_mail", "test_mail_received", "test_mail_filed": .testMail
            default: nil
            }
        }
    }

    private var planned: [Step]
    private var outcomes: [Step: DoctorReport.Outcome] = [:]
    /// Of the steps that failed, what the administrator is told.
    public private(set) var forAdministrator: [String] = []
    /// It was not done, or broken off.
    private var isBrokenOff = false

    /// - Parameter planned: what doctor is going to try, in its order.
    public init(planned: [Step]) { self.planned = planned.filter { $0.part != nil } }

    /// Doctor has ended this step.
    public mutating func ended(_ step: DoctorReport.Step) {
        let done = Step(step.step, of: step.of)
        guard planned.contains(done) else { return }
        outcomes[done] = step.outcome
        // A mail that has not arrived is no success, though the account may work.
        let isMissing = done.part == .testMail && step.outcome == .warning
        if isMissing { outcomes[done] = .failed }
        guard step.outcome == .failed || isMissing else { return }
        let next = step.nextStep.map { " \($0)" } ?? ""
        let server = step.problem?.serverLine.map { " (\($0))" } ?? ""
        forAdministrator.append("\(step.step)\(step.of.map { " \($0)" } ?? ""): \(step.found)\(server)\(next)")
    }

    /// No further step comes.
    public mutating func end() { isBrokenOff = true }

    public var isOver: Bool { isBrokenOff || planned.allSatisfy { outcomes[$0] != nil } }

    public var hasFailed: Bool { states.contains { $0.state == .failed } }

    /// The parts that there are, in their order.
    public var states: [(part: Part, state: State)] {
        let next = isOver ? nil : planned.first { outcomes[$0] == nil }?.part
        return Part.allCases.compactMap { part in
            let steps = planned.filter { $0.part == part }
            return steps.isEmpty ? nil : (part, state(of: steps, isNext: part == next))
        }
    }

    private func state(of steps: [Step], isNext: Bool) -> State {
        let known = steps.compactMap { outcomes[$0] }
        if known.contains(.failed) { return .failed }
        if known.count < steps.count { return isNext ? .running : isOver ? .skipped : .waiting }
        return known.allSatisfy { $0 == .skipped } ? .skipped : .ok
    }
}
