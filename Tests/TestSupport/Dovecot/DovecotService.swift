/// What Dovecot listens for.
public enum DovecotService: String, CaseIterable, Sendable {
    /// In clear, with STARTTLS.
    case imap
    case imaps
    /// In clear, with STLS.
    case pop3
    case pop3s
    /// In clear, with STARTTLS.
    case submission
    case submissions
    case lmtp

    var loginService: String {
        switch self {
        case .imap, .imaps: "imap-login"
        case .pop3, .pop3s: "pop3-login"
        case .submission, .submissions: "submission-login"
        case .lmtp: "lmtp"
        }
    }

    var hasImplicitTLS: Bool {
        switch self {
        case .imaps, .pop3s, .submissions: true
        case .imap, .pop3, .submission, .lmtp: false
        }
    }
}
