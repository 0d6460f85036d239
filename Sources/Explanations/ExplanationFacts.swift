/// The names that stand in an explanation's commands and pages. What is not known is shown as a word in upper case.
public struct ExplanationFacts: Hashable, Sendable {
    public enum Placeholder: String, Sendable, CaseIterable {
        case account, address, login
        case authorizedAs = "authorized_as"
        case provider, tenant
        case clientID = "client_id"
        /// With its port, where the failure has one.
        case host

        /// Shown where the value is not known.
        public var word: String {
            switch self {
            case .authorizedAs: "USER"
            case .clientID: "CLIENT-ID"
            case .host: "HOST:PORT"
            default: rawValue.uppercased()
            }
        }
    }

    private var values: [Placeholder: String] = [:]

    /// Nothing is known.
    public init() {}

    public subscript(placeholder: Placeholder) -> String? {
        get { values[placeholder] }
        set { values[placeholder] = newValue }
    }

    func fill(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}"),
                let placeholder = Placeholder(rawValue: String(rest[rest.index(after: open)..<close]))
            else {
                result.append("{")
                rest = rest.dropFirst()
                continue
            }
            result += values[placeholder] ?? placeholder.word
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}
