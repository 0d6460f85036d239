import MailModel

/// What must be done once so that an app may open a mailbox without anybody's sign-in, with the ids of the provider and the
/// account filled in. A value: nothing is asked of anybody.
public struct ApplicationSetup: Hashable, Sendable {
    /// One thing that one person does at one place.
    public struct Step: Hashable, Sendable {
        /// Where, and what.
        public var text: String
        /// Addresses to open and commands to run, as they are.
        public var lines: [String]

        init(_ text: String, _ lines: [String] = []) {
            self.text = text
            self.lines = lines
        }
    }

    public private(set) var steps: [Step] = []

    /// - Parameter serviceAccount: the number and the name of the provider's service account, where it is one.
    init(_ provider: Provider, _ account: Account, serviceAccount: (clientID: String?, email: String)? = nil) {
        switch provider.grant {
        case .clientCredentials where provider.isMicrosoft: addMicrosoft(provider, account)
        case .clientCredentials:
            steps = [
                Step(
                    "Have the provider's administrator allow the client \(provider.clientID ?? "") to open \(account.address) with "
                        + "the scopes \(provider.scopes.joined(separator: " ")).")
            ]
        case .serviceAccount: addGoogle(provider, account, serviceAccount)
        case .authorizationCode, .password: break
        }
    }

    // MARK: Microsoft

    private mutating func addMicrosoft(_ provider: Provider, _ account: Account) {
        let clientID = provider.clientID ?? ""
        let permissions = [
            account.receive.map { $0.mailProtocol == .imap ? "IMAP.AccessAsApp" : "POP.AccessAsApp" },
            account.send.map { _ in "SMTP.SendAsApp" },
        ].compactMap(\.self)
        steps.append(
            Step(
                "Entra admin center > Applications > App registrations > the app \(clientID) > API permissions > Add a "
                    + "permission > APIs my organization uses > Office 365 Exchange Online > Application permissions: "
                    + "\(permissions.joined(separator: " and ")). Under Authentication the redirect URI "
                    + "\(ApplicationSetup.redirectURI(provider)) must be registered."))
        steps.append(
            Step(
                "Consent as the tenant's administrator, at each of these addresses; the browser ends at an address with "
                    + "admin_consent=True. (Or press “Grant admin consent” on that page of the app.)",
                ApplicationSetup.consentScopes(provider, account).map { ApplicationSetup.consentURL(provider, $0) }))
        steps.append(
            Step(
                "Make the app known to Exchange, and let it open the mailbox, in PowerShell with the modules Microsoft.Graph "
                    + "and ExchangeOnlineManagement; it may take an hour until that is in force.",
                ApplicationSetup.commands(clientID, account)))
    }

    /// POP and IMAP are consented to under another name of Exchange than SMTP (Microsoft's page on IMAP, POP and SMTP with OAuth).
    private static func consentScopes(_ provider: Provider, _ account: Account) -> [String] {
        guard provider.cloud == .global else { return Array(provider.scopes.prefix(1)) }
        return [
            account.receive.map { _ in "https://ps.outlook.com/.default" },
            account.send.map { _ in "https://outlook.office365.com/.default" },
        ].compactMap(\.self)
    }

    private static func consentURL(_ provider: Provider, _ scope: String) -> String {
        var query = FormBody()
        query.append("client_id", provider.clientID ?? "")
        query.append("scope", scope)
        query.append("redirect_uri", redirectURI(provider))
        query.append("state", provider.name.text)
        return "https://\(provider.authority)/\(provider.tenant ?? "organizations")/v2.0/adminconsent?"
            + query.encoded().reveal()
    }

    private static func redirectURI(_ provider: Provider) -> String { provider.redirectURI ?? "http://localhost" }

    private static func commands(_ clientID: String, _ account: Account) -> [String] {
        var lines = [
            "Connect-MgGraph -Scopes Application.Read.All", "Connect-ExchangeOnline",
            "$sp = Get-MgServicePrincipal -Filter \"appId eq '\(clientID)'\"",
            "New-ServicePrincipal -AppId \(clientID) -ObjectId $sp.Id -DisplayName Postbote",
            "Add-MailboxPermission -Identity \(account.address) -User $sp.Id -AccessRights FullAccess",
        ]
        if let receive = account.receive {
            let service = receive.mailProtocol == .imap ? "Imap" : "Pop"
            lines.append("Set-CASMailbox -Identity \(account.address) -\(service)Enabled $true")
        }
        if let send = account.send {
            lines.append("Set-CASMailbox -Identity \(account.address) -SmtpClientAuthenticationDisabled $false")
            // A whole domain is no mailbox that could be named.
            lines += send.from.filter { $0.lowercased() != account.address.lowercased() && !$0.hasPrefix("@") }
                .prefix(Limits.sendersNamed)
                .map { "Add-RecipientPermission -Identity \($0) -Trustee $sp.Id -AccessRights SendAs" }
        }
        return lines
    }

    // MARK: Google

    private mutating func addGoogle(
        _ provider: Provider, _ account: Account, _ serviceAccount: (clientID: String?, email: String)?
    ) {
        let number =
            serviceAccount?.clientID ?? "the Unique ID of the service account (IAM & Admin > Service Accounts)"
        steps = [
            Step(
                "Google Cloud console > APIs & Services > Library > Gmail API: enable it in the project of the service account"
                    + (serviceAccount.map { " \($0.email)." } ?? ".")),
            Step(
                "Google Admin console > Security > Access and data control > API controls > Domain-wide delegation > Manage "
                    + "Domain-Wide Delegation > Add new, with this client ID and this scope; it may take up to 24 hours until that "
                    + "is in force.",
                ["Client ID: \(number)", "OAuth scopes: \(provider.scopes.joined(separator: ","))"]),
        ]
        guard let receive = account.receive else { return }
        steps.append(
            Step(
                "Google Admin console > Apps > Google Workspace > Gmail > End User Access: "
                    + "\(receive.mailProtocol == .imap ? "IMAP" : "POP") on, for the organisational unit of \(receive.signIn.login)."
            ))
    }
}

extension TokenKeeper {
    /// What must be done so that the app may open the account's mailbox; no steps where somebody signs in instead.
    public func applicationSetup(for account: Account) async throws -> ApplicationSetup {
        guard let signIn = account.receive?.signIn ?? account.send?.signIn else {
            preconditionFailure("an account receives or sends")
        }
        let provider = try provider(of: signIn)
        guard provider.grant == .serviceAccount else { return ApplicationSetup(provider, account) }
        // What is wrong with the file, the token says.
        let key = try? await exchange.serviceAccount(provider)
        return ApplicationSetup(
            provider, account, serviceAccount: key.map { (clientID: $0.clientID, email: $0.clientEmail) })
    }
}
