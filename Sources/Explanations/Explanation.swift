/// What one thing that a provider says means to the people who have to act.
///
/// It explains and never decides: providers change their texts and numbers, so what happens next is decided elsewhere.
public struct Explanation: Codable, Hashable, Sendable {
    /// Who can change something.
    public enum Actor: String, Codable, Sendable, CaseIterable {
        /// The owner of the mailbox.
        case owner
        /// The administrator of the mail provider's tenant.
        case tenant
        /// The administrator of Postbote, or of the app registration it uses.
        case `operator`
        /// It passes by itself.
        case nobody

        public var title: String {
            switch self {
            case .owner: "mailbox owner"
            case .tenant: "tenant administrator"
            case .operator: "administrator of Postbote"
            case .nobody: "nobody: it passes"
            }
        }
    }

    /// What it is known by: `AADSTS7000222`, `OAuth invalid_grant`, `SMTP 535 5.7.3`.
    public var key: String
    public var actor: Actor
    public var happened: String
    public var toDo: String
    public var howToSee: String

    enum CodingKeys: String, CodingKey {
        case key
        case actor = "who_acts"
        case happened = "what_happened"
        case toDo = "what_to_do"
        case howToSee = "how_to_see"
    }

    /// The same, with the names of the account at hand in its commands and pages.
    public func filled(with facts: ExplanationFacts) -> Explanation {
        var copy = self
        copy.happened = facts.fill(happened)
        copy.toDo = facts.fill(toDo)
        copy.howToSee = facts.fill(howToSee)
        return copy
    }
}
