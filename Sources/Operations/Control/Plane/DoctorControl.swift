import MailModel

/// Looking through an account step by step.
public protocol DoctorControl: Sendable {
    /// Tries everything that the account needs, on connections of its own, and returns what was found. `Problem.conflict`
    /// while another doctor of the account is at work.
    ///
    /// - Parameter address: a test mail is sent there; `nil`: none is sent.
    func doctor(_ name: AccountName, sendTo address: MailAddress?) async throws -> DoctorReport
}
