import MailModel

/// One thing that doctor tries.
enum DoctorStep: Hashable, Sendable {
    case configuration
    case destination(DestinationName)
    case nameLookup(MailService)
    case connection(MailService)
    case tls(MailService)
    /// Of receiving and sending, where these sign in as different people.
    case token(Direction)
    case identity(Direction)
    case mailboxSignIn
    case folders
    /// Settings of Exchange that change what is fetched.
    case exchangeSettings
    case submissionSignIn
    /// MAIL FROM is accepted.
    case sender(String)
    case testMail
    case testMailReceived
    case testMailFiled

    /// The word of the control API.
    var word: String {
        switch self {
        case .configuration: "configuration"
        case .destination: "destination"
        case .nameLookup: "dns"
        case .connection: "tcp"
        case .tls: "tls"
        case .token: "token"
        case .identity: "identity"
        case .mailboxSignIn: "mailbox_sign_in"
        case .folders: "folders"
        case .exchangeSettings: "exchange_settings"
        case .submissionSignIn: "submission_sign_in"
        case .sender: "sender"
        case .testMail: "test_mail"
        case .testMailReceived: "test_mail_received"
        case .testMailFiled: "test_mail_filed"
        }
    }

    /// Which of several it is.
    var subject: String? {
        switch self {
        case .destination(let name): name.text
        case .nameLookup(let service), .connection(let service), .tls(let service): service.rawValue
        case .token(let direction), .identity(let direction): direction.rawValue
        case .sender(let address): address
        default: nil
        }
    }

    /// The direction whose settings it is about.
    var direction: Direction {
        switch self {
        case .token(let direction), .identity(let direction): direction
        case .nameLookup(let service), .connection(let service), .tls(let service):
            service == .smtp ? .send : .receive
        case .submissionSignIn, .sender, .testMail: .send
        default: .receive
        }
    }

    /// For the sentence "needs: …".
    var title: String { [word, subject].compactMap(\.self).joined(separator: " ") }
}
