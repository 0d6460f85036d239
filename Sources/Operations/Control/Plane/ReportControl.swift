/// What support is told.
public protocol ReportControl: Sendable {
    /// Everything that helps, without secrets and without mail.
    func report() async throws -> SupportReport
}
