import Diagnostics

/// What doctor found, step by step, in the order of a connection's life.
public struct DoctorReport: Codable, Hashable, Sendable {
    public enum Outcome: String, Codable, Sendable, CaseIterable {
        case ok
        /// It works, and somebody should look at it.
        case warning
        case failed
        /// Not tried, for the reason that `found` gives.
        case skipped
    }

    public struct Step: Codable, Hashable, Sendable {
        /// `configuration destination dns tcp tls token identity mailbox_sign_in folders exchange_settings submission_sign_in
        /// sender test_mail test_mail_received test_mail_filed`.
        public var step: String
        /// Which of several: a destination, `imap pop3 smtp`, `receive send`, a sender.
        public var of: String?
        public var outcome: Outcome
        /// What was seen, in a sentence; of a failure its cause.
        public var found: String
        /// What to do next, where something is to be done.
        public var nextStep: String?
        public var seconds: Double
        /// The failure behind it, explained.
        public var problem: ErrorReport?

        enum CodingKeys: String, CodingKey {
            case step, of, outcome, found
            case nextStep = "next_step"
            case seconds, problem
        }

        public init(
            step: String, of: String? = nil, outcome: Outcome, found: String, nextStep: String? = nil,
            seconds: Double = 0, problem: ErrorReport? = nil
        ) {
            self.step = step
            self.of = of
            self.outcome = outcome
            self.found = found
            self.nextStep = nextStep
            self.seconds = seconds
            self.problem = problem
        }
    }

    public var account: String
    public var started: Timestamp
    public var seconds: Double
    public var steps: [Step]

    public init(account: String, started: Timestamp, seconds: Double, steps: [Step]) {
        self.account = account
        self.started = started
        self.seconds = seconds
        self.steps = steps
    }

    public func count(_ outcome: Outcome) -> Int { steps.count { $0.outcome == outcome } }
}
