import Diagnostics
import MailModel

/// Fetched mail, by delivery key, Message-ID or time.
public protocol MailControl: Sendable {
    /// `Problem.notFound` for an account or folder that is not known. What is not found is no problem.
    func mail(_ question: MailQuestion) async throws -> MailPage

    /// All copies of a message. `Problem.notFound` for a key that is not known.
    func mail(_ key: DeliveryKey) async throws -> MailDetails

    /// Writes the order down, which is carried out at the next visit to the folder, at once.
    ///
    /// - Parameters:
    ///   - folder: only the copy in this one; `nil`: all copies.
    ///   - wait: answers when it is known what came of it.
    func give(_ order: MailRequest, on key: DeliveryKey, in folder: String?, wait: Bool) async throws
        -> MailOrderReport
}

/// Which messages are looked for.
public struct MailQuestion: Hashable, Sendable {
    public enum Subject: Hashable, Sendable {
        case messageID(MessageID)
        case key(DeliveryKey)
        /// Delivered in this time; what was not delivered counts by when it was written down.
        case time(Range<Timestamp>)
    }

    public var account: AccountName?
    public var subject: Subject
    /// By name, as status shows it.
    public var folder: String?
    /// From the one behind it on.
    public var after: Int64?
    public var limit: Int

    public init(_ subject: Subject, account: AccountName?, folder: String?, after: Int64?, limit: Int) {
        self.subject = subject
        self.account = account
        self.folder = folder
        self.after = after
        self.limit = limit
    }
}

/// What an operator or a business system orders about a fetched message.
public enum MailRequest: Hashable, Sendable {
    case redeliver(destination: DestinationName?)
    case seen
    /// A role in lower case, else a name, as in `after_fetch`.
    case move(to: String)
    case delete
}
