/// The two things an account does. Each has its own state: a mailbox that refuses sign-in can still send.
public enum Direction: String, Hashable, Sendable, CaseIterable {
    case receive, send
}
