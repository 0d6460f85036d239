import Foundation

/// A client's identity in the header field `Authorization: Basic`, both halves form-encoded (RFC 6749 §2.3.1).
struct BasicCredentials {
    let identifier: String
    let secret: String

    init?(_ header: String?) {
        guard let header, header.lowercased().hasPrefix("basic "),
            let data = Data(base64Encoded: String(header.dropFirst(6)))
        else { return nil }
        let parts = Array(data).split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        identifier = Form.decode(parts[0])
        secret = Form.decode(parts[1])
    }
}
