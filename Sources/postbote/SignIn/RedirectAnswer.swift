import Operations

/// What a browser brought back, as the control API takes it: a code or an error, with the state of the sign-in.
struct RedirectAnswer: Encodable, Equatable {
    var state: String
    var code: String?
    var error: String?
    var errorDescription: String?

    private enum CodingKeys: String, CodingKey {
        case state, code, error
        case errorDescription = "error_description"
    }

    /// - Parameter state: of the sign-in, with which the parameters came.
    init(_ parameters: RedirectParameters, state: String) {
        self.state = state
        // An error comes without a code (RFC 6749 §4.1.2.1).
        error = parameters["error"]
        errorDescription = parameters["error_description"]
        code = error == nil ? parameters["code"] : nil
        if error == nil, code == nil { error = "invalid_request" }
    }

    init(code: String, state: String) {
        self.code = code
        self.state = state
    }
}

/// A sign-in that waits for a browser's answer.
struct WaitingSignIn {
    let account: String
    let id: String
    let page: AuthorizationProgress.Browser
    /// What the answer has to repeat (RFC 6749 §4.1.2).
    let state: String

    /// - Throws: when the daemon's answer is not the one that begins a sign-in.
    static func begin(_ order: SignInOrder, _ account: String, _ client: ControlClient) async throws -> WaitingSignIn
    {
        let target = try Target.account(account, "authorize")
        let progress = try await client.post(
            target, .json(try JSON.encode(order)), as: AuthorizationProgress.self
        ).value
        guard let page = progress.browser, let query = page.authorizeURL.split(separator: "?", maxSplits: 1).last,
            let state = RedirectParameters(query: query)["state"]
        else { throw CommandFailure(.internalError, "the daemon's answer has no address to sign in at") }
        return WaitingSignIn(account: account, id: progress.id, page: page, state: state)
    }

    func finish(_ answer: RedirectAnswer, _ client: ControlClient) async throws -> AuthorizationProgress {
        let target = try Target.account(account, "authorize", id)
        return try await client.post(target, .json(try JSON.encode(answer)), as: AuthorizationProgress.self).value
    }
}
