import Diagnostics
import MailModel

/// Something with an end, which a person must renew before: Postbote cannot.
struct Expiry: Hashable, Sendable {
    enum Subject: Hashable, Sendable {
        /// The secret of a provider's app registration that ends last.
        case clientSecret(ProviderName)
        /// The certificate that proves a provider's app.
        case certificate(ProviderName)
        /// What the owner of an account's mailbox allowed; with a direction where the other one needs another consent.
        case consent(AccountName, Direction?)

        /// As the store names it.
        var key: String {
            switch self {
            case .clientSecret(let provider): "client_secret/\(provider)"
            case .certificate(let provider): "certificate/\(provider)"
            case .consent(let account, nil): "consent/\(account)"
            case .consent(let account, let direction?): "consent/\(account)/\(direction.rawValue)"
            }
        }

        var words: String {
            switch self {
            case .clientSecret(let provider): "client secret of \(provider)"
            case .certificate(let provider): "certificate of \(provider)"
            case .consent(let account, nil): "consent of \(account)"
            case .consent(let account, .receive?): "consent of \(account) for receiving"
            case .consent(let account, .send?): "consent of \(account) for sending"
            }
        }

        var account: AccountName? {
            if case .consent(let account, _) = self { account } else { nil }
        }
    }

    var subject: Subject
    var ends: Timestamp
    /// What to do, in sentences.
    var cure: String

    /// - Returns: `nil` where no secret is used, or where one of them has no known end.
    static func clientSecret(of provider: Provider) -> Expiry? {
        guard provider.grant != .password, case .secrets(let secrets) = provider.authentication else { return nil }
        let ends = secrets.compactMap(\.expires)
        // The others may have ended: as long as one is good, accounts sign in.
        guard ends.count == secrets.count, let last = ends.max() else { return nil }
        return Expiry(subject: .clientSecret(provider.name), ends: last, cure: provider.secretCure)
    }

    static func certificate(of provider: Provider, ends: Timestamp) -> Expiry {
        Expiry(
            subject: .certificate(provider.name), ends: ends,
            cure:
                "Make a new key and certificate, upload the certificate \(provider.page), then put both in the place of the "
                + "files that certificate and private_key of provider \(provider.name) name: they need no reload")
    }

    /// - Parameter direction: `nil`: the account needs no other consent.
    static func consent(
        of account: Account, for direction: Direction?, to provider: Provider, ends: Timestamp
    ) -> Expiry {
        // Google's device codes give no access to mail.
        let way = provider.preset == .gmail ? "--browser" : "--device"
        var cure = "Sign in again before that: postbote authorize \(account.name) \(way)"
        if let direction { cure += " --direction \(direction.rawValue)" }
        if provider.preset == .gmail {
            cure +=
                ". Google ends a consent after seven days as long as the app's publishing status is Testing: Google Cloud "
                + "console > Google Auth Platform > Audience > Publish app"
        }
        return Expiry(subject: .consent(account.name, direction), ends: ends, cure: cure)
    }
}

extension Provider {
    /// Where what proves the app is renewed.
    fileprivate var page: String {
        switch preset {
        case .microsoft365, .outlook, .hve:
            "in the Entra admin center > Applications > App registrations > the app > Certificates & secrets"
        case .gmail: "in the Google Cloud console > APIs & Services > Credentials > the client"
        case .generic: "at the provider"
        }
    }

    /// How its client secret is renewed without a gap.
    fileprivate var secretCure: String {
        "Make a new secret \(page), write it with its date beside the old one into client_secrets of provider "
            + "\(name), then: postbote reload"
    }
}
