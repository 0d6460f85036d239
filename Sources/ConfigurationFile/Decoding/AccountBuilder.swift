import Diagnostics
import MailModel

/// Makes an account of what is written about it: fills in what follows from the provider and from the whole, and checks
/// that it fits together.
struct AccountBuilder {
    let findings: Findings
    let providers: [ProviderName: ProviderEntry]
    let known: KnownNames
    /// For accounts that have none of their own.
    let pollInterval: Duration?

    /// `nil` when something is wrong, which is reported.
    func build(_ name: AccountName?, written: String, from section: inout Section) -> Account? {
        let draft = AccountDraft(&section, known)
        section.missing("address", "the mail address of the account")
        if !section.has("receive"), !section.has("send") {
            findings.error(
                at: section.position,
                "`\(Quoted(written))` neither receives nor sends: write `receive: {}`, `send: {}` or both"
            )
        }
        let receiving = draft.receive.map { provider($0.provider ?? draft.provider, for: "receive", section) }
        let sending = draft.send.map { provider($0.provider ?? draft.provider, for: "send", section) }
        checkPassword([receiving, sending].compactMap { $0.flatMap { $0?.provider } }, section)
        guard let name, let address = draft.address?.text else { return nil }

        var account = Account(name: name, address: address)
        account.previously = draft.previously ?? []
        account.enabled = draft.enabled ?? true
        account.logLevel = draft.logLevel
        if let receive = draft.receive {
            account.receive = (receiving ?? nil).flatMap { settings(receive, draft, $0, section) }
        }
        if let send = draft.send {
            account.send = (sending ?? nil).flatMap { settings(send, draft, $0) }
            if let send = account.send, let provider = sending??.provider {
                InactiveKeys.warn(about: send, of: provider, in: section, findings)
            }
        }
        // A direction that is switched off may lack a server.
        let hasReceive = account.receive != nil || draft.receive?.enabled == false
        let hasSend = account.send != nil || draft.send?.enabled == false
        return section.has("receive") == hasReceive && section.has("send") == hasSend ? account : nil
    }

    // MARK: The provider

    private func provider(_ name: ProviderName?, for direction: String, _ section: Section) -> ProviderEntry? {
        if let name { return providers[name] }
        // One that is written and wrong is reported already.
        let isWritten = section.has("provider") || directionHasProvider(direction, section)
        if !isWritten {
            findings.error(
                at: section.position,
                "`provider` is missing: whose servers are these? (for all accounts under `defaults`)"
            )
        }
        return nil
    }

    private func directionHasProvider(_ direction: String, _ section: Section) -> Bool {
        guard case .map(let entries) = section.entry(direction)?.value.content else { return true }
        return entries.contains { $0.key == "provider" && !$0.value.isNull }
    }

    /// - Parameter isEnabled: a direction that is switched off needs no server.
    private func endpoint(_ service: MailService, of entry: ProviderEntry, isEnabled: Bool) -> Endpoint? {
        let provider = entry.provider
        if let endpoint = provider.endpoint(of: service) { return endpoint }
        guard isEnabled else { return nil }
        // Reported where the server has to be written, so that a thousand accounts make one error.
        let reason =
            provider.cloud == .global ? "" : "; Microsoft does not publish the hosts of \(provider.cloud.rawValue)"
        findings.error(
            at: entry.position,
            "`\(provider.name)` has no `\(service.rawValue): {host: …}`, and an account uses it\(reason)"
        )
        return nil
    }

    private func checkPassword(_ providers: [Provider], _ section: Section) {
        if let provider = providers.first(where: { $0.grant == .password }) {
            section.missing("password", "`\(provider.name)` signs in with `grant: password`")
        } else if !providers.isEmpty, section.has("password"), let entry = section.entry("password") {
            findings.error(
                at: entry.keyPosition, "`password` does not belong here: `\(providers[0].name)` signs in with OAuth"
            )
        }
    }

    /// The name under which the SMTP server takes mail of a shared mailbox is found by trying, unless it is written.
    private func sendingSignIn(_ draft: AccountDraft, login: String?, _ provider: Provider) -> SignInSettings {
        var signIn = signIn(draft, login: login, provider)
        let isWritten = login != nil || draft.login != nil
        if !isWritten, provider.grant == .authorizationCode,
            signIn.authorizedAs.lowercased() != signIn.login.lowercased()
        {
            signIn.otherLogin = signIn.authorizedAs
        }
        return signIn
    }

    private func signIn(_ draft: AccountDraft, login: String?, _ provider: Provider) -> SignInSettings {
        let ownLogin = draft.login ?? draft.address?.text ?? ""
        return SignInSettings(
            provider: provider.name, login: login ?? ownLogin, authorizedAs: draft.authorizedAs?.first ?? ownLogin,
            aliases: Array((draft.authorizedAs ?? []).dropFirst()),
            password: provider.grant == .password ? draft.password : nil
        )
    }

    // MARK: Receiving

    private func settings(
        _ draft: AccountDraft.Receive, _ account: AccountDraft, _ entry: ProviderEntry, _ section: Section
    ) -> ReceiveSettings? {
        let mailProtocol = draft.mailProtocol ?? .imap
        if mailProtocol == .pop3 { checkPOP3(draft, section) }
        guard entry.preset.services[.imap] != nil else {
            if let written = section.entry("receive") {
                findings.error(
                    at: written.keyPosition,
                    "`receive` does not fit provider `\(entry.provider.name)`: \(entry.provider.preset.rawValue) only sends "
                        + "(null unsets a default)")
            }
            return nil
        }
        let service = mailProtocol == .imap ? MailService.imap : .pop3
        guard let endpoint = endpoint(service, of: entry, isEnabled: draft.enabled != false) else { return nil }
        var settings = ReceiveSettings(
            signIn: signIn(account, login: nil, entry.provider), endpoint: endpoint,
            deliverTo: draft.deliverTo ?? [Settings.builtInDestination]
        )
        settings.enabled = draft.enabled ?? settings.enabled
        settings.mailProtocol = mailProtocol
        settings.folders = draft.folders ?? settings.folders
        settings.exclude = draft.exclude ?? []
        settings.foldersOverlap = draft.foldersOverlap ?? settings.foldersOverlap
        settings.idle = draft.idle ?? (mailProtocol == .imap)
        settings.pollInterval = draft.pollInterval ?? pollInterval ?? settings.pollInterval
        settings.since = draft.since
        settings.maxMessageSize = draft.maxMessageSize
        settings.dailyDownload = draft.dailyDownload
        settings.afterFetch = draft.afterFetch ?? settings.afterFetch
        settings.afterFetchGrace = draft.afterFetchGrace ?? settings.afterFetchGrace
        settings.deleteAfter = draft.deleteAfter ?? [:]
        return settings
    }

    /// POP3 has one folder and can only keep and delete (RFC 1939).
    private func checkPOP3(_ draft: AccountDraft.Receive, _ section: Section) {
        let hasOtherFolders = draft.folders.map { $0.contains { $0.selector != .role(.inbox) } } ?? false
        let others = (draft.deleteAfter ?? [:]).keys.contains { $0 != .inbox }
        refuse("folders", hasOtherFolders, "has one folder, the inbox", section)
        refuse("exclude", !(draft.exclude ?? []).isEmpty, "has one folder, the inbox", section)
        refuse("delete_after", others, "has one folder, the inbox", section)
        refuse("idle", draft.idle == true, "cannot wait for new mail", section)
        refuse("after_fetch", ![nil, .keep, .delete].contains(draft.afterFetch), "can only keep or delete", section)
    }

    private func refuse(_ key: String, _ isWrong: Bool, _ reason: String, _ section: Section) {
        guard isWrong, case .map(let entries) = section.entry("receive")?.value.content,
            let entry = entries.first(where: { $0.key == key })
        else { return }
        findings.error(
            at: entry.keyPosition, "`\(key)` does not fit `protocol: pop3`, which \(reason) (null unsets a default)"
        )
    }

    // MARK: Sending

    private func settings(
        _ draft: AccountDraft.Send, _ account: AccountDraft, _ entry: ProviderEntry
    ) -> SendSettings? {
        guard let endpoint = endpoint(.smtp, of: entry, isEnabled: draft.enabled != false) else { return nil }
        var settings = SendSettings(
            signIn: sendingSignIn(account, login: draft.login, entry.provider), endpoint: endpoint,
            from: draft.from ?? [account.address?.text ?? ""]
        )
        let rate = entry.preset.rate
        settings.enabled = draft.enabled ?? settings.enabled
        settings.saveSent = draft.saveSent ?? settings.saveSent
        settings.rate = SendSettings.Rate(
            messagesPerMinute: draft.rate?.messagesPerMinute ?? rate.messagesPerMinute,
            recipientsPerDay: draft.rate?.recipientsPerDay ?? rate.recipientsPerDay,
            connections: draft.rate?.connections ?? rate.connections
        )
        settings.recipientsPerMessage = entry.preset.recipientsPerMessage
        settings.maxAge = draft.maxAge ?? settings.maxAge
        settings.parkedMax = draft.parkedMax ?? settings.parkedMax
        settings.inDoubt = draft.inDoubt ?? settings.inDoubt
        settings.inDoubtUnresolved = draft.inDoubtUnresolved ?? settings.inDoubtUnresolved
        return settings
    }
}
