import Diagnostics

/// The whole configuration, checked, with every default and preset filled in.
public struct Settings: Sendable, Hashable {
    public var stateDirectory: String
    public var controlSocket: String
    public var logLevel = LogLevel.info
    public var notify: String?
    public var notifyVia: AccountName?
    public var notifyOwner = false
    public var proxy: ProxySettings?
    public var retention = RetentionSettings()
    public var access = AccessSettings()
    public var console: ConsoleSettings?
    public var api: APISettings?
    public var submission: SubmissionSettings?
    public var providers: [ProviderName: Provider] = [:]
    /// Includes the built-in one, `maildir`, in the state directory.
    public var destinations: [DestinationName: Destination] = [:]
    public var accounts: [AccountName: Account] = [:]

    /// The destination that an account has when it names none.
    public static let builtInDestination = DestinationName("maildir")!

    /// The socket for sending only, beside the control socket.
    public var submitSocket: String {
        String(controlSocket[..<(controlSocket.lastIndex(of: "/") ?? controlSocket.startIndex)]) + "/submit.sock"
    }

    public init(stateDirectory: String, controlSocket: String) {
        self.stateDirectory = stateDirectory
        self.controlSocket = controlSocket
    }
}
