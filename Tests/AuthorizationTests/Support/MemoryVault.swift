import Authorization
import Diagnostics
import MailModel
import Store
import TestSupport

/// A vault in memory that behaves as the durable one, and fails or waits where a test wants it to.
final class MemoryVault: CredentialVault {
    struct State: Sendable {
        var kept: [CredentialKey: KeptCredential] = [:]
        var notes: [String] = []
        var writes = 0
        var failing: Failure?
    }

    let state = Watched(State())
    /// Closed: writes of tokens wait before they happen.
    let door = Gate(open: true)

    init(_ credentials: [KeptCredential] = []) {
        for credential in credentials { state.update { $0.kept[credential.key] = credential } }
    }

    /// What a daemon that starts now would find.
    func copy() -> MemoryVault { MemoryVault(Array(state.value.kept.values)) }

    /// Without a copy of them all: thousands of flights ask at once.
    func credential(_ key: CredentialKey) async throws -> KeptCredential? { state.update { $0.kept[key] } }

    func credentialWithoutToken(_ key: CredentialKey) async throws -> KeptCredential? {
        var kept = try await credential(key)
        kept?.grant.refreshToken = nil
        return kept
    }

    func credentials() async throws -> [KeptCredential] { Array(state.value.kept.values) }

    /// It has no links.
    func keepConsent(_ key: CredentialKey, _ grant: KeptGrant, by link: SignInLink.Digest?) async throws -> Bool {
        try state.update { state in
            if let failure = state.failing { throw failure }
            let version = (state.kept[key]?.version ?? 0) + 1
            guard link == nil else { return false }
            state.kept[key] = KeptCredential(key: key, version: version, grant: grant)
            state.writes += 1
            return true
        }
    }

    func keepTokens(_ key: CredentialKey, _ grant: KeptGrant, ifVersion version: Int64?) async throws -> Bool {
        try await door.passed()
        return try state.update { state in
            if let failure = state.failing { throw failure }
            guard state.kept[key]?.version == version else { return false }
            var grant = grant
            grant.refreshToken = grant.refreshToken ?? state.kept[key]?.grant.refreshToken
            state.kept[key] = KeptCredential(key: key, version: (version ?? 0) + 1, grant: grant)
            state.writes += 1
            return true
        }
    }

    func note(_ key: CredentialKey, _ failure: Failure, claims: String?) async throws {
        state.update { $0.notes.append(failure.reason + (claims ?? "")) }
    }

    func forget(_ key: CredentialKey) async throws { state.update { $0.kept[key] = nil } }

    func writes(atLeast count: Int) async throws {
        try await state.wait(for: "\(count) writes") { $0.writes >= count }
    }
}
