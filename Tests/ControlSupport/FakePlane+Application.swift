import Diagnostics
import MailModel
import Operations

extension FakePlane {
    /// `broken` is an app whose token is refused; for everybody else somebody signs in.
    public func authorizeApplication(_ name: AccountName) async throws -> AuthorizationProgress {
        guard try await account(name).name == "broken" else {
            throw Problem(.usage, "Somebody signs in for account \(name).")
        }
        var progress = AuthorizationProgress(id: "", state: .failed, problem: .expired)
        progress.setup = [
            AuthorizationProgress.SetupStep(
                text: "Consent", lines: ["https://login.example/adminconsent?client_id=x"])
        ]
        return progress
    }

    /// The provider of `broken` cannot be reached.
    public func revoke(_ name: AccountName, _ direction: Direction?) async throws -> RevokeReport {
        guard try await account(name).name == "broken" else {
            return RevokeReport(accounts: [name.text], atProvider: .revoked)
        }
        return RevokeReport(
            accounts: [name.text], atProvider: .failed, whatToDo: "Remove the app there.", problem: .expired)
    }
}
