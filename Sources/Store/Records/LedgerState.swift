/// What became of a message on the server.
public enum LedgerState: String, Sendable, CaseIterable {
    /// Written down with its delivery key; its destinations are being handed it. → delivered.
    case staged
    /// Every destination holds it durably. Final, unless it is delivered again on request.
    case delivered
    /// Larger than `max_message_size`: recorded, not fetched. → staged when the limit is raised.
    case tooLarge = "too_large"
    /// Left out on purpose, such as by `since`; the reason says why. → staged.
    case skipped
    /// Delivered from another folder, whose delivery key it shares. Final.
    case duplicate
    /// Could not be read or handed over; tried again later. → staged, quarantined, gone.
    case deferred
    /// Stepped aside after several attempts; an operator decides. → staged, gone.
    case quarantined
    /// It was listed once and removed from the server before it could be fetched. Final.
    case gone
}

extension LedgerState: ColumnWord {}
