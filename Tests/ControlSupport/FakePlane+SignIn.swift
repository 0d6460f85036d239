import Diagnostics
import MailModel
import Operations

extension FakePlane {
    public func beginDeviceSignIn(_ name: AccountName, _ direction: Direction?) async throws -> AuthorizationProgress
    {
        _ = try await account(name)
        return AuthorizationProgress(
            id: "s1", state: .waiting,
            instructions: AuthorizationProgress.Instructions(
                verificationURI: "https://login.example/device", userCode: "ABCD-EFGH",
                message: "Öffnen Sie die Seite.", expires: .start))
    }

    public func deviceSignIn(
        _ name: AccountName, id: String, patience: Duration
    ) async throws -> AuthorizationProgress {
        _ = try await account(name)
        guard id == "s1" else { throw Problem.notFound("no sign-in \(id)") }
        let (next, warning) = state.withLock { state in
            let next = state.script.signIn.count > 1 ? state.script.signIn.removeFirst() : state.script.signIn[0]
            return (next, state.script.signInWarning)
        }
        let problem = ErrorReport(
            Failure(.account, .whenReauthorized, operation: "sign in", reason: "Anna declined: begin again"))
        return AuthorizationProgress(
            id: id, state: next, identity: next == .done ? "anna@contoso.de" : nil, warning: warning,
            problem: next == .failed ? problem : nil)
    }

    public func beginBrowserSignIn(
        _ name: AccountName, _ direction: Direction?, backBy way: AuthorizationWayBack
    ) async throws -> AuthorizationProgress {
        _ = try await account(name)
        let redirect =
            if case .loopback(let port) = way { "http://localhost:\(port)" } else { "https://login.example/native" }
        return AuthorizationProgress(
            id: "b1", state: .waiting,
            browser: AuthorizationProgress.Browser(
                authorizeURL: "https://login.example/authorize?client_id=x&response_type=code&state=good-state",
                redirectURI: redirect, expires: .distantEnough))
    }

    public func finishBrowserSignIn(
        _ name: AccountName, id: String, _ answer: AuthorizationAnswer
    ) async throws -> AuthorizationProgress {
        _ = try await account(name)
        guard id == "b1" else { throw Problem.notFound("no sign-in \(id)") }
        guard answer.state.reveal() == "good-state" else { throw Problem(.usage, "another sign-in") }
        if case .code(let code) = answer.result, code.reveal() == "good-code" {
            return AuthorizationProgress(id: id, state: .done, identity: "anna@contoso.de")
        }
        let problem = ErrorReport(
            Failure(.account, .whenReauthorized, operation: "sign in", reason: "Anna declined: begin again"))
        return AuthorizationProgress(id: id, state: .failed, problem: problem)
    }

    public func importRefreshToken(
        _ token: Secret, for name: AccountName, _ direction: Direction?
    ) async throws -> AuthorizationProgress {
        _ = try await account(name)
        guard token.reveal() == "good-refresh-token" else {
            throw Failure(
                .account, .whenReauthorized, operation: "refresh token", reason: "the provider refused it",
                serverLine: "AADSTS70000")
        }
        return AuthorizationProgress(id: "", state: .done, identity: "anna@contoso.de")
    }
}

extension Timestamp {
    /// A moment that no test sees pass.
    fileprivate static let distantEnough = Timestamp(seconds: 4_000_000_000)
}
