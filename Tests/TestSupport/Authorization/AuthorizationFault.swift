/// Something else than the usual answer, for one request.
public enum AuthorizationFault: Sendable {
    /// A refusal with that AADSTS number, OAuth error and text.
    case refuse(EntraError)
    /// 429 (RFC 6585 §4).
    case throttled(retryAfter: Duration?)
    /// Any status with any body, such as 503 and a page in HTML.
    case answer(HTTPAnswer)
    case hang
    case close
    /// The grant happens, but only half of its answer arrives.
    case half
    /// The grant happens, but its answer is lost.
    case lost
    /// The usual answer, once the gate is open.
    case held(Gate)
    /// The usual answer without these members.
    case omitting([String])

    public static let serverError = AuthorizationFault.answer(
        HTTPAnswer(500, headers: [("Content-Type", "text/html")], body: Array("<html>Server error</html>".utf8)))
}
