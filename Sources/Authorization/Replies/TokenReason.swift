import Diagnostics
import Explanations
import MailModel

/// The sentence an operator reads about a refusal: what happened and what to do.
struct TokenReason {
    let status: Int
    let error: TokenError?
    let kind: TokenErrorClass
    let request: TokenRequest.Kind
    let provider: ProviderName

    var text: String {
        if let known = error?.explanation {
            var facts = ExplanationFacts()
            facts[.provider] = provider.text
            let shown = known.filled(with: facts)
            return "\(shown.happened) What to do (\(shown.key), \(shown.actor.title)): \(shown.toDo)"
        }
        guard let error else { return withoutError }
        return "\(refused(error)) \(cure(error))"
    }

    private func refused(_ error: TokenError) -> String {
        let code = error.suberror.map { "\(error.error), \($0)" } ?? error.error
        return "The provider refused the request (\(code))."
    }

    private func cure(_ error: TokenError) -> String {
        switch (kind, error.error) {
        case (.temporary, _): request == .authorize ? "Begin again in a while." : "It is tried again."
        case (.ownerMustSignIn, _) where request == .authorize:
            "Nothing was stored. Begin again, sign in as the owner of the mailbox, and allow what the app asks for."
        case (.ownerMustSignIn, _): "The mailbox owner has to sign in again: postbote authorize ACCOUNT."
        case (.misconfigured(.tenantAdministrator), "unauthorized_client") where request == .serviceAccount:
            "The service account may not act for users of this domain, or not with this scope: the Workspace's administrator "
                + "allows it under domain-wide delegation; postbote authorize ACCOUNT prints client ID and scope."
        case (.misconfigured, "invalid_grant") where request == .serviceAccount:
            error.description?.hasPrefix("Invalid JWT") == true
                ? "What the service account signed is not accepted: check this machine's clock and key of the provider, "
                    + "then reload."
                : "The service account cannot act for this user: check address and login of the account and key of the "
                    + "provider, then reload."
        case (.clientRefused, _): "Check client_id and client_secret of the provider, then reload."
        case (.misconfigured(.tenantAdministrator), _):
            "The provider's administrator has to allow it for this app and account."
        case (.misconfigured, "invalid_scope"): "Check scopes: of the provider, then reload."
        case (.misconfigured, "unauthorized_client") where request == .refresh:
            "The app may not do this, or the consent was given to another app: check client_id and grant of the provider and the "
                + "app registration, then reload; where they are right, sign in again: postbote authorize ACCOUNT."
        case (.misconfigured, "unauthorized_client"):
            "The app may not do this: check client_id and grant of the provider and the app registration, then reload."
        case (.misconfigured, _): "Check client_id, tenant, scopes and token_url of the provider, then reload."
        }
    }

    private var withoutError: String {
        switch (kind, status) {
        case (.temporary, 429): "The provider asks for patience (HTTP 429). It is tried again."
        case (.temporary, 200..<300):
            "The token endpoint answered without a token that can be used (HTTP \(status)). It is tried again; "
                + "if it lasts, check token_url and whether a proxy answers in the provider's place."
        case (.temporary, _): "The token endpoint is in trouble (HTTP \(status)). It is tried again."
        case (_, 300..<400):
            "The token endpoint sends elsewhere (HTTP \(status)), which is not followed: correct token_url."
        case (_, 404), (_, 405), (_, 410):
            "There is no token endpoint at this address (HTTP \(status)): check tenant and token_url of the provider."
        case (_, 407): "The proxy wants a sign-in (HTTP 407): write user and password into proxy.url."
        default:
            "The request was refused without a reason (HTTP \(status)): check token_url and whether a proxy answers in "
                + "the provider's place."
        }
    }
}
