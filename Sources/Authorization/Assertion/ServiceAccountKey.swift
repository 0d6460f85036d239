import Diagnostics

/// The key file of a Google service account: JSON, as the Google Cloud console hands it out once.
///
/// https://developers.google.com/identity/protocols/oauth2/service-account
struct ServiceAccountKey: Sendable {
    /// Why a file cannot be used, in a sentence without anything of its content.
    struct Unusable: Error, Equatable {
        var reason: String
    }

    /// The name of the service account: `iss`.
    let clientEmail: String
    /// The number under which a Workspace's administrator allows it; not in every file.
    let clientID: String?
    /// Which of the account's keys it is: `kid`.
    let keyID: String
    /// Where tokens are fetched, and `aud`.
    let tokenURI: String
    let key: SigningKey

    init(_ text: Secret) throws(Unusable) {
        guard case .object(let members)? = text.withBytes(JSONValue.parse) else {
            throw Unusable(reason: "key: is no JSON file. \(ServiceAccountKey.advice)")
        }
        guard members["type"]?.string == "service_account" else {
            let isClient = members["installed"] != nil || members["web"] != nil
            throw Unusable(
                reason:
                    "key: is the JSON file of \(isClient ? "an OAuth client" : "something else"), not of a service "
                    + "account (“type” is not “service_account”). \(ServiceAccountKey.advice)")
        }
        clientEmail = try ServiceAccountKey.text("client_email", members)
        keyID = try ServiceAccountKey.text("private_key_id", members)
        tokenURI = try ServiceAccountKey.text("token_uri", members)
        clientID = try? ServiceAccountKey.text("client_id", members)
        guard EndpointAddress.isSafe(tokenURI) else {
            throw Unusable(reason: "key: its token_uri is no https address. \(ServiceAccountKey.advice)")
        }
        let pem = try ServiceAccountKey.text("private_key", members, limit: Limits.pemFile)
        guard let key = try? SigningKey(Secret(pem)) else {
            throw Unusable(
                reason: "key: its private_key is no RSA key in PEM that can be used. \(ServiceAccountKey.advice)")
        }
        self.key = key
    }

    private static let advice =
        "Make a new key at Google Cloud console > IAM & Admin > Service Accounts > the account > Keys > Add key > JSON."

    private static func text(
        _ name: String, _ members: [String: JSONValue], limit: Int = Limits.claim
    ) throws(Unusable) -> String {
        guard let text = members[name]?.string, !text.isEmpty, text.utf8.count <= limit else {
            throw Unusable(reason: "key: has no \(name). \(ServiceAccountKey.advice)")
        }
        return text
    }
}
