/// A reply of the control API: the value's own fields and `version`, the number of the schema they follow.
///
/// A field may be added within a version; one that is taken away or changes its meaning makes a new version.
public struct Versioned<Value: Codable & Sendable>: Codable, Sendable {
    public var value: Value

    public init(_ value: Value) { self.value = value }

    private enum CodingKeys: String, CodingKey { case version }

    public func encode(to encoder: any Encoder) throws {
        try value.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(1, forKey: .version)
    }

    public init(from decoder: any Decoder) throws { value = try Value(from: decoder) }
}
