import Diagnostics

/// The master key, for whoever runs the service. It goes into a reply and nowhere else.
public struct MasterKeyReply: Sendable {
    /// 64 hexadecimal digits, as its file holds them.
    public var key: Secret

    public init(key: Secret) { self.key = key }
}

extension MasterKeyReply: Codable {
    private enum CodingKeys: String, CodingKey { case key }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(key.reveal(), forKey: .key)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        key = Secret(try container.decode(String.self, forKey: .key))
    }
}
