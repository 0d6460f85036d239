extension Event {
    /// Something failed and is not told by the event of a message or a change of state.
    ///
    /// It is a warning when somebody has to act and a remark when Postbote tries again by itself.
    public static func failure(_ failure: Failure, _ place: [EventField] = []) -> Event {
        let severity: Severity =
            switch failure.retry {
            case .now, .later: failure.scope == .daemon ? .error : .info
            case .whenReauthorized, .whenReconfigured, .never: failure.scope == .daemon ? .error : .warning
            }
        return Event(.failure, severity, "something failed", place + failure.fields)
    }
}

extension Failure {
    /// What is known of the failure, with the place it happened at first.
    public var fields: [EventField] {
        let place = place.sorted { $0.key < $1.key }.map { EventField(EventField.Key($0.key), $0.value) }
        let rest: [EventField?] = [
            EventField(.scope, scope.rawValue), EventField(.retry, retry.word), EventField(.operation, operation),
            EventField(.reason, reason), EventField(.serverLine, ifKnown: serverLine),
        ]
        return place + rest.compactMap { $0 }
    }
}

extension Failure.Retry {
    /// One word for logs and for the control API.
    public var word: String {
        switch self {
        case .now: "now"
        case .later: "later"
        case .whenReauthorized: "when_reauthorized"
        case .whenReconfigured: "when_reconfigured"
        case .never: "never"
        }
    }
}
