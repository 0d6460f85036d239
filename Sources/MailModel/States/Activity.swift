/// What a direction of an account is doing at the moment.
public enum Activity: String, Hashable, Sendable, CaseIterable {
    case idling, fetching, sending
}
