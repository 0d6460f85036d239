import Diagnostics

/// An access token, for those who may have it. It goes into a reply and nowhere else.
public struct AccessTokenReply: Sendable {
    public var token: Secret
    public var validUntil: Timestamp

    public init(token: Secret, validUntil: Timestamp) {
        self.token = token
        self.validUntil = validUntil
    }
}

extension AccessTokenReply: Codable {
    private enum CodingKeys: String, CodingKey {
        case token = "access_token"
        case validUntil = "valid_until"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(token.reveal(), forKey: .token)
        try container.encode(validUntil, forKey: .validUntil)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        token = Secret(try container.decode(String.self, forKey: .token))
        validUntil = try container.decode(Timestamp.self, forKey: .validUntil)
    }
}
