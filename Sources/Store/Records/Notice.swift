import Diagnostics
import MailModel

/// What the administrator was told of something, last.
public struct Notice: Hashable, Sendable {
    /// `client_secret/PROVIDER`, `certificate/PROVIDER`, `consent/ACCOUNT`, `receive/ACCOUNT`, `send/ACCOUNT`; and
    /// `owner/PROVIDER/SUBJECT`, which was told to that person; `put_aside`: messages that stepped aside.
    public var subject: String
    /// Of what must be renewed: when it ends, and how many days before that this reminder was due.
    public var ends: Timestamp?
    public var daysBefore: Int?
    /// Of a direction that needs somebody.
    public var state: DirectionState?

    public init(_ subject: String, ends: Timestamp? = nil, daysBefore: Int? = nil, state: DirectionState? = nil) {
        self.subject = subject
        self.ends = ends
        self.daysBefore = daysBefore
        self.state = state
    }
}
