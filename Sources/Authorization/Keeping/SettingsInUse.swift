import Diagnostics
import MailModel

extension Settings {
    /// Every sign-in that the accounts need, with the service it opens.
    var signIns: [(SignInSettings, MailService)] {
        accounts.values.flatMap { account in
            let receive = account.receive.map { ($0.signIn, $0.mailProtocol == .imap ? MailService.imap : .pop3) }
            let send = account.send.map { ($0.signIn, MailService.smtp) }
            return [receive, send].compactMap { $0 }
        }
    }

    var credentialKeys: Set<CredentialKey> { Set(signIns.compactMap { key(of: $0.0) }) }

    func key(of signIn: SignInSettings) -> CredentialKey? {
        providers[signIn.provider].flatMap { CredentialKey(signIn, grant: $0.grant) }
    }

    /// The accounts that are signed in with a credential, in the order of their names.
    func accounts(with credential: CredentialKey) -> [AccountName] {
        accounts.values.filter { account in
            [account.receive?.signIn, account.send?.signIn].contains { $0.flatMap { key(of: $0) } == credential }
        }.map(\.name).sorted { $0.text < $1.text }
    }

    /// What the accounts that share a credential do with it.
    var services: [CredentialKey: Set<MailService>] {
        signIns.reduce(into: [:]) { services, signIn in
            guard let key = key(of: signIn.0) else { return }
            services[key, default: []].insert(signIn.1)
        }
    }
}

extension TokenKeeper {
    func provider(of signIn: SignInSettings) throws -> Provider { try provider(signIn.provider) }

    func provider(_ name: ProviderName) throws -> Provider {
        guard let provider = settings?.providers[name] else {
            throw Failure(
                .account, .whenReconfigured(by: .operatorOfPostbote), operation: "request token",
                reason: "There is no provider \(name) in the configuration.", place: ["provider": name.text])
        }
        return provider
    }

    /// What is held of a credential with which nothing happened yet.
    func entry(_ key: CredentialKey, _ stored: KeptCredential?) -> CredentialEntry {
        let needsConsent = settings?.providers[key.provider]?.needsConsent ?? true
        return CredentialEntry(stored, needsConsent: needsConsent, now: clock.now)
    }

    /// Whether the provider's grant was changed so that somebody must sign in now, or nobody any more.
    func isOfAnotherGrant(_ key: CredentialKey) -> Bool {
        settings?.providers[key.provider].map { $0.needsConsent != entries[key]?.needsConsent } ?? false
    }

    /// The credential of a sign-in, loaded if it was not yet.
    func load(_ signIn: SignInSettings) async throws -> CredentialKey {
        let provider = try provider(of: signIn)
        guard let key = CredentialKey(signIn, grant: provider.grant) else {
            throw provider.misconfigured(
                "request token", "The grant of provider \(provider.name) is password: there are no tokens.")
        }
        if entries[key] == nil {
            let stored = try await vault.credentialWithoutToken(key)
            // Somebody else may have loaded it meanwhile.
            if entries[key] == nil { entries[key] = entry(key, stored) }
        }
        return key
    }
}
