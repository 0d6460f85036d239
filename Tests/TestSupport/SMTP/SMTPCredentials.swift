import Diagnostics
import Foundation

/// Whom a client says it is, and its proof.
struct SMTPCredentials {
    let user: String
    let proof: String
    let isToken: Bool

    /// - Parameter answers: The client's responses, decoded.
    init?(mechanism: String, answers: [String]) {
        isToken = mechanism == "XOAUTH2" || mechanism == "OAUTHBEARER"
        switch mechanism {
        case "LOGIN" where answers.count == 2: (user, proof) = (answers[0], answers[1])
        case "PLAIN":
            let parts = answers[0].split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { return nil }
            (user, proof) = (parts[1], parts[2])
        case "XOAUTH2":
            guard let match = answers[0].wholeMatch(of: /user=([^\x01]+)\x01auth=Bearer ([^\x01]*)\x01\x01/) else {
                return nil
            }
            (user, proof) = (String(match.1), String(match.2))
        case "OAUTHBEARER":
            let pattern =
                /n,a=([^,]+),\x01(?:[a-z]+=[^\x01]*\x01)*?auth=Bearer ([^\x01]*)\x01(?:[a-z]+=[^\x01]*\x01)*\x01/
            guard let match = answers[0].wholeMatch(of: pattern) else { return nil }
            (user, proof) = (String(match.1), String(match.2))
        default: return nil
        }
    }

    func areValid(_ options: SMTPServerOptions) -> Bool {
        guard isToken else { return options.passwords[user] == proof }
        guard let signer = options.signer else { return !proof.isEmpty }
        return signer.accepts(proof, of: user, at: SystemClock().now)
    }

    static func decoded(_ text: String) -> String? {
        Data(base64Encoded: text).map { String(decoding: $0, as: UTF8.self) }
    }

    static func encoded(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
