import Diagnostics
import MailModel

/// A consent that brought no refresh token: it opens the mailbox until its access token ends, and no longer.
struct MissingRefreshToken: Sendable {
    let provider: Provider
    /// What the person was asked to allow.
    let scopes: [String]

    /// What is missing and what to do.
    var reason: String { "The consent brought no refresh token, so it ends with its access token. \(cure)" }

    /// Why there is no other access token.
    var failure: TokenFailure {
        TokenFailure(
            .refused, .credential,
            Failure(
                .account, .whenReauthorized, operation: "refresh token", reason: reason,
                place: ["provider": provider.name.text]))
    }

    private var cure: String {
        // OpenID Connect Core §11; Google knows access_type instead.
        scopes.contains("offline_access")
            ? "The provider gave none although offline_access was asked for: allow it in the app registration, then "
                + "sign in again: postbote authorize ACCOUNT."
            : "Add offline_access to scopes: of provider \(provider.name) (at Google: access_type=offline to its "
                + "authorize_url), reload, then sign in again: postbote authorize ACCOUNT."
    }
}
