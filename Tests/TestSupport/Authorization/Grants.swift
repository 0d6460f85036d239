import Diagnostics

/// Who allowed which client what.
struct Consent: Sendable {
    /// `nil`: the app for itself.
    let user: String?
    let client: String
    let permissions: Set<RequestedScope.Permission>
    let openID: Set<String>

    init(user: String?, client: String, scope: RequestedScope) {
        self.user = user
        self.client = client
        permissions = Set(scope.permissions)
        openID = Set(scope.openID)
    }

    func covers(_ scope: RequestedScope) -> Bool {
        scope.permissions.allSatisfy { wanted in
            if wanted.name == ".default" { return permissions.contains { $0.resource == wanted.resource } }
            return permissions.contains(wanted)
        }
    }

    /// The names of the permissions that a token for `resource` carries.
    func granted(for resource: String, asked: RequestedScope) -> [String] {
        let names =
            asked.isDefault
            ? permissions.filter { $0.resource == resource }.map(\.name) : asked.permissions.map(\.name)
        return names.sorted()
    }
}

/// A refresh token that was handed out.
struct RefreshGrant: Sendable {
    enum State: Sendable, Equatable {
        case valid
        /// A newer one was given for it.
        case replaced
        case revoked
    }

    let consent: Consent
    /// Shared by all tokens that came from one sign-in.
    let family: Int
    var state = State.valid
    var lastUsed: Timestamp
}

/// A device flow under way (RFC 8628).
struct DeviceGrant: Sendable {
    enum State: Sendable, Equatable {
        case pending
        case approved(user: String)
        case declined
        case redeemed
    }

    let client: String
    let userCode: String
    let scope: RequestedScope
    let expires: Timestamp
    var state = State.pending
    var interval: Duration
    var lastPoll: Timestamp?
}

/// An authorization code (RFC 6749 §4.1).
struct CodeGrant: Sendable {
    let consent: Consent
    let redirectURI: String
    /// S256 of the verifier (RFC 7636).
    let challenge: String
    /// Goes into the ID token (OpenID Connect Core §2).
    let nonce: String?
    /// Whether Google gives a refresh token (`access_type=offline`).
    let isOffline: Bool
    let expires: Timestamp
    var isRedeemed = false
}
