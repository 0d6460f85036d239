import Diagnostics

extension Failure {
    /// The server sent more than is ever taken. The connection is out of step and must be closed.
    static func overLimit(_ what: String) -> Failure {
        outOfStep("The server sent more than Postbote takes (\(what)). The connection was closed.")
    }

    /// What came cannot be IMAP, or not at this point. The connection must be closed, not reused.
    static func outOfStep(_ reason: String, line: String? = nil) -> Failure {
        Failure(
            .direction, .later(after: nil), operation: "read from the IMAP server", reason: reason, serverLine: line)
    }
}
