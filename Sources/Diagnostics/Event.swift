/// One thing that happened, as the operator reads it: a fixed message and the fields that say to whom and to what.
///
/// Events are made by the factories beside the words they use (`Event.messageDelivered(…)` in MailModel), so that every
/// place that reports the same thing reports it in the same way.
public struct Event: Hashable, Sendable {
    /// How much the operator should care.
    public enum Severity: Int, Comparable, Sendable, CaseIterable {
        /// For whoever looks for a fault.
        case debug
        /// A message's fate, an account's change of state.
        case info
        /// The operator should act, and the line says how.
        case warning
        /// Postbote itself cannot do its work.
        case error

        public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    public var name: EventName
    public var severity: Severity
    /// Always the same for the same name and severity: what varies is in the fields.
    public var message: String
    /// In the order they are given, each key once: the first value counts, so that an event's own account stands before
    /// what a failure knows of its place.
    public var fields: [EventField]

    public init(_ name: EventName, _ severity: Severity, _ message: String, _ fields: [EventField?] = []) {
        self.name = name
        self.severity = severity
        self.message = message
        self.fields = []
        for case let field? in fields where !self.fields.contains(where: { $0.key == field.key }) {
            self.fields.append(field)
        }
    }

    /// The first value of a field, as it is written.
    public subscript(key: EventField.Key) -> String? { fields.first { $0.key == key }?.value.description }
}
