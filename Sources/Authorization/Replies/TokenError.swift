import Explanations

/// The error object of a token endpoint (RFC 6749 §5.2, RFC 8628 §3.5), with what Entra and Google add.
struct TokenError: Equatable {
    /// The code to decide on.
    var error: String
    /// A finer code to decide on (`suberror` of Entra, `error_subtype` of Google).
    var suberror: String?
    /// For people only.
    var description: String?
    /// Entra's numbers, for people only.
    var numbers: [Int]
    var claims: String?

    /// `nil` when `json` is no error object.
    ///
    /// - Parameter words: makes everything fit to be shown.
    init?(_ json: JSONValue, words: ServerText) {
        guard let error = json["error"]?.string, !error.isEmpty else { return nil }
        self.error = words.code(error) ?? "unreadable"
        suberror = (json["suberror"] ?? json["error_subtype"])?.string.flatMap(words.code)
        description = json["error_description"]?.string
        let listed = json["error_codes"]?.elements.compactMap { $0.integer.flatMap(Int.init(exactly:)) } ?? []
        numbers = listed.isEmpty ? Explanations.numbers(in: description ?? "") : listed
        claims = json["claims"]?.string.flatMap(words.whole).flatMap(TokenError.challenge)
    }

    /// A JSON object (OpenID Connect Core §5.5), of a size that fits into an address.
    private static func challenge(_ text: String) -> String? {
        guard text.utf8.count <= Limits.claimsChallenge, case .object? = JSONValue.parse(Array(text.utf8)) else {
            return nil
        }
        return text
    }

    /// The first number whose meaning is known.
    var explanation: Explanation? { numbers.lazy.compactMap { Explanations.of(aadsts: $0) }.first }
}
