import Diagnostics

/// How an account receives mail.
public struct ReceiveSettings: Hashable, Sendable {
    public enum MailProtocol: String, Sendable, CaseIterable { case imap, pop3 }
    public enum Overlap: String, Sendable, CaseIterable { case once, each }

    public var enabled = true
    public var signIn: SignInSettings
    public var mailProtocol = MailProtocol.imap
    public var endpoint: Endpoint
    public var folders: [FolderSettings] = [FolderSettings(selector: .role(.inbox))]
    /// Left out of what `folders` selects; never `subscribed`.
    public var exclude: [FolderSettings.Selector] = []
    public var foldersOverlap = Overlap.once
    public var idle = true
    public var pollInterval = Duration.seconds(300)
    /// Mail older than this is not fetched; `nil`: everything.
    public var since: Timestamp?
    /// Octets; larger messages are recorded and listed, not fetched.
    public var maxMessageSize: Int64?
    /// Octets a day.
    public var dailyDownload: Int64?
    public var afterFetch = AfterFetch.keep
    public var afterFetchGrace = Duration.seconds(600)
    public var deleteAfter: [FolderRole: Duration] = [:]
    /// Never empty.
    public var deliverTo: [DestinationName]

    public init(signIn: SignInSettings, endpoint: Endpoint, deliverTo: [DestinationName]) {
        self.signIn = signIn
        self.endpoint = endpoint
        self.deliverTo = deliverTo
    }
}
