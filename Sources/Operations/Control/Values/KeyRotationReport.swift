/// What came of a new master key.
public struct KeyRotationReport: Codable, Hashable, Sendable {
    /// Where it lies.
    public var file: String
    /// The key is a credential of systemd, and becomes the new one only by an administrator's hand: until then the service
    /// reads it from `file`.
    public var awaitsCredential: Bool
    /// Stored tokens that could not be read before either: their accounts have to be authorized again.
    public var unreadable: Int

    public init(file: String, awaitsCredential: Bool, unreadable: Int) {
        self.file = file
        self.awaitsCredential = awaitsCredential
        self.unreadable = unreadable
    }

    private enum CodingKeys: String, CodingKey {
        case file
        case awaitsCredential = "awaits_credential"
        case unreadable
    }
}
