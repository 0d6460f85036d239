import Diagnostics
import MailModel

/// What came back from a token or device endpoint, before anybody knows what it means.
public struct TokenReply: Sendable {
    /// Of HTTP.
    public var status: Int
    /// The field `Retry-After`, as it came.
    public var retryAfter: String?
    /// At most 256 KiB; more is no token.
    public var body: [UInt8]

    public init(status: Int, retryAfter: String? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }

    var json: JSONValue? { JSONValue.parse(body) }

    /// The token, or the refusal.
    func token(for request: TokenRequest, provider: ProviderName, now: Timestamp) -> Result<
        TokenResponse, TokenFailure
    > {
        let json = json
        if (200..<300).contains(status), let json, let response = TokenResponse(json) { return .success(response) }
        return .failure(refusal(json, request, provider, now: now))
    }

    /// What a reply that grants nothing says.
    func refusal(
        _ json: JSONValue?, _ request: TokenRequest, _ provider: ProviderName, now: Timestamp
    ) -> TokenFailure {
        let words = ServerText(without: request.form.secrets)
        let error = json.flatMap { TokenError($0, words: words) }
        let wait = retryAfter.flatMap { RetryAfter.parse($0, now: now) }
        let kind = TokenErrorClass(
            status: status, error: error, kind: request.kind, hasRetryAfter: wait != nil)
        var failure = Failure(
            .account, kind.retry(after: wait), operation: request.kind.rawValue,
            reason: TokenReason(status: status, error: error, kind: kind, request: request.kind, provider: provider)
                .text,
            serverLine: error.flatMap { error in
                words.line(error.description.map { "\(error.error): \($0)" } ?? error.error)
            },
            place: ["provider": provider.text])
        if let host = request.host { failure.place["host"] = host }
        return TokenFailure(
            kind.failureKind(after: wait), kind.reach(status: status, error: error, kind: request.kind), failure,
            error: error?.error,
            claims: error?.claims)
    }
}

extension TokenErrorClass {
    func retry(after wait: Duration?) -> Failure.Retry {
        switch self {
        case .temporary: .later(after: wait)
        case .ownerMustSignIn: .whenReauthorized
        case .clientRefused: .whenReconfigured(by: .operatorOfPostbote)
        case .misconfigured(let party): .whenReconfigured(by: party)
        }
    }

    fileprivate func failureKind(after wait: Duration?) -> TokenFailure.Kind {
        switch self {
        case .temporary: .temporary(after: wait)
        case .clientRefused: .clientRefused
        case .ownerMustSignIn, .misconfigured: .refused
        }
    }
}

extension TokenRequest {
    /// The host of the endpoint, for the operator.
    var host: String? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        return String(url[scheme.upperBound...].prefix { $0 != "/" })
    }
}
