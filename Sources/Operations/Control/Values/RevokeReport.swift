/// Whose consent was forgotten, and what the provider did.
public struct RevokeReport: Codable, Hashable, Sendable {
    public enum AtProvider: String, Codable, Sendable, CaseIterable {
        /// It took the consent back.
        case revoked
        /// It did not know the consent any more.
        case wasOver = "was_over"
        /// There was no refresh token to take back.
        case nothing
        /// It cannot be told.
        case notPossible = "not_possible"
        /// It did not do it, or could not be reached.
        case failed
    }

    /// The accounts that were signed in with it, and have to sign in again.
    public var accounts: [String]
    public var atProvider: AtProvider
    /// What somebody does at the provider, who was not told.
    public var whatToDo: String?
    /// Why it failed there.
    public var problem: ErrorReport?

    enum CodingKeys: String, CodingKey {
        case accounts
        case atProvider = "at_provider"
        case whatToDo = "what_to_do"
        case problem
    }

    public init(
        accounts: [String], atProvider: AtProvider, whatToDo: String? = nil, problem: ErrorReport? = nil
    ) {
        self.accounts = accounts
        self.atProvider = atProvider
        self.whatToDo = whatToDo
        self.problem = problem
    }
}
