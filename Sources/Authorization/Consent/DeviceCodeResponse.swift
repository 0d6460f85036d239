import Diagnostics

/// What a person needs to sign in on another machine (RFC 8628 §3.2).
public struct DevicePrompt: Hashable, Sendable {
    public var userCode: String
    public var verificationURI: String
    /// With the code in it; Microsoft gives none.
    public var verificationURIComplete: String?
    /// The provider's own sentence for the person, in the language that was asked for.
    public var message: String?
    public var expires: Timestamp
}

/// The answer of a device authorization endpoint.
struct DeviceCodeResponse: Sendable {
    var deviceCode: Secret
    var prompt: DevicePrompt
    /// Between two polls; 5 s where the provider names none.
    var interval: Duration

    /// `nil` when `json` holds nothing a person could sign in with.
    init?(_ json: JSONValue, now: Timestamp) {
        guard let code = json["device_code"]?.string, !code.isEmpty, code.utf8.count <= Limits.refreshToken,
            let userCode = json["user_code"]?.string.flatMap(DeviceCodeResponse.visible), userCode.count <= 64,
            // Google's first version says verification_url.
            let address = (json["verification_uri"] ?? json["verification_url"])?.string,
            let uri = DeviceCodeResponse.webAddress(address)
        else { return nil }
        deviceCode = Secret(code)
        let lifetime = json["expires_in"]?.integer.map { Duration.seconds(min(max($0, 1), 86400)) } ?? .seconds(900)
        prompt = DevicePrompt(
            userCode: userCode, verificationURI: uri,
            verificationURIComplete: json["verification_uri_complete"]?.string.flatMap(DeviceCodeResponse.webAddress),
            message: json["message"]?.string.flatMap(DeviceCodeResponse.visible),
            expires: now + min(lifetime, Limits.longestDeviceCode))
        let seconds = json["interval"]?.integer ?? 5
        interval = min(max(.seconds(min(seconds, 3600)), .seconds(1)), Limits.longestDeviceInterval)
    }

    private static func webAddress(_ text: String) -> String? {
        guard text.hasPrefix("https://") || text.hasPrefix("http://"), text.utf8.count <= 2048,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return text
    }

    /// Fit for a terminal: no control characters.
    private static func visible(_ text: String) -> String? {
        guard !text.isEmpty, text.utf8.count <= 2048 else { return nil }
        let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
        return String(String.UnicodeScalarView(scalars))
    }
}
