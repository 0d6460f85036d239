/// A protocol that a mail server speaks.
public enum MailService: String, Sendable, CaseIterable {
    case imap, pop3, smtp
}
