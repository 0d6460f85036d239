import Authorization
import MailModel

/// What doctor tries for one account, in which order, and what each step needs. A value: nothing is tried here.
struct DoctorPlan: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        var step: DoctorStep
        /// Steps that must not have failed or been skipped; they stand before it.
        var needs: [DoctorStep] = []
        /// Why it is not tried, whatever the others come to.
        var skipped: String?
    }

    private(set) var entries: [Entry] = []

    /// - Parameters:
    ///   - providers: those that the account signs in with, at least.
    ///   - address: where a test mail goes; `nil`: none is sent.
    init(_ account: Account, providers: [ProviderName: Provider], sendTo address: MailAddress?) {
        let receiving = AccountWorker.receives(account).flatMap { settings in
            providers[settings.signIn.provider].map { Receiving(settings: settings, provider: $0) }
        }
        let sending = AccountWorker.sends(account).flatMap { settings in
            providers[settings.signIn.provider].map { Sending(settings: settings, provider: $0) }
        }
        add(.configuration)
        for name in receiving?.destinations ?? [] { add(.destination(name)) }
        if let receiving { addServer(receiving.service, receiving.settings.endpoint) }
        if let sending { addServer(.smtp, sending.settings.endpoint) }
        if let receiving { addToken(.receive, receiving.provider) }
        let sendsAlike = receiving.map { $0.key == sending?.key } ?? false
        if let sending, !sendsAlike { addToken(.send, sending.provider) }
        if let receiving { add(receiving) }
        if let sending { add(sending, tokenOf: sendsAlike ? .receive : .send, account, receiving, sendTo: address) }
    }

    /// Those of a step's needs that keep it from being tried.
    static func missing(_ entry: Entry, _ outcomes: [DoctorStep: DoctorFinding]) -> [DoctorStep] {
        entry.needs.filter { outcomes[$0].map { $0.outcome == .failed || $0.outcome == .skipped } ?? true }
    }

    private struct Receiving {
        let settings: ReceiveSettings
        let provider: Provider

        var service: MailService { settings.mailProtocol == .imap ? .imap : .pop3 }
        var key: CredentialKey? { CredentialKey(settings.signIn, grant: provider.grant) }
        var destinations: [DestinationName] {
            Set(settings.deliverTo + settings.folders.flatMap { $0.deliverTo ?? [] }).sorted { $0.text < $1.text }
        }
    }

    private struct Sending {
        let settings: SendSettings
        let provider: Provider

        var key: CredentialKey? { CredentialKey(settings.signIn, grant: provider.grant) }
        /// An entry that stands for a whole domain is no address that could be asked about.
        func senders(_ account: Account) -> [String] {
            let named = settings.from.filter { !$0.hasPrefix("@") }
            return Array((named.isEmpty ? [account.address] : named).prefix(Limits.doctorSenders))
        }
    }

    private mutating func add(_ step: DoctorStep, needs: [DoctorStep] = [], skipped: String? = nil) {
        entries.append(Entry(step: step, needs: needs, skipped: skipped))
    }

    private mutating func addServer(_ service: MailService, _ endpoint: Endpoint) {
        add(.nameLookup(service))
        add(.connection(service), needs: [.nameLookup(service)])
        if endpoint.tls != .none { add(.tls(service), needs: [.connection(service)]) }
    }

    private mutating func addToken(_ direction: Direction, _ provider: Provider) {
        add(.token(direction))
        // An app and a password are no person.
        if provider.grant == .authorizationCode { add(.identity(direction), needs: [.token(direction)]) }
    }

    /// What a sign-in at the server needs of it.
    private static func reached(_ service: MailService, _ endpoint: Endpoint) -> DoctorStep {
        endpoint.tls == .none ? .connection(service) : .tls(service)
    }

    private mutating func add(_ receiving: Receiving) {
        let server = DoctorPlan.reached(receiving.service, receiving.settings.endpoint)
        add(.mailboxSignIn, needs: [server, .token(.receive)])
        add(.folders, needs: [.mailboxSignIn])
        // Personal mailboxes of outlook.com have no administrator who could set them.
        if receiving.provider.preset == .microsoft365 { add(.exchangeSettings) }
    }

    private mutating func add(
        _ sending: Sending, tokenOf direction: Direction, _ account: Account, _ receiving: Receiving?,
        sendTo address: MailAddress?
    ) {
        add(.submissionSignIn, needs: [DoctorPlan.reached(.smtp, sending.settings.endpoint), .token(direction)])
        let senders = sending.senders(account).map(DoctorStep.sender)
        for sender in senders { add(sender, needs: [.submissionSignIn]) }
        guard let address else {
            return add(.testMail, skipped: "no mail is sent without --send-to ADDRESS")
        }
        add(.testMail, needs: [.submissionSignIn] + senders.prefix(1))
        let own = [account.address, receiving?.settings.signIn.login].compactMap { $0?.lowercased() }
        let elsewhere = own.contains(address.folded) ? nil : "\(address) is not this account's mailbox"
        let signIn: [DoctorStep] = receiving == nil ? [] : [.mailboxSignIn]
        let blind = receiving == nil ? "the account does not receive" : nil
        add(.testMailReceived, needs: [.testMail] + signIn, skipped: elsewhere ?? blind)
        let unfiled = sending.provider.filesSent ? nil : "this provider does not file sent mail by itself"
        let single = receiving?.service == .pop3 ? "POP3 shows INBOX alone" : nil
        add(.testMailFiled, needs: [.testMail] + signIn, skipped: unfiled ?? blind ?? single)
    }
}
