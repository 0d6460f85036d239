import Diagnostics
import MailModel

/// What the control API asks of the daemon. The daemon implements it; the routes know nothing else.
///
/// Everything throws a `Problem` for what the caller did wrong, or a `Failure` for what went wrong by itself.
public protocol ControlPlane: DaemonControl, AccountControl, SignInControl, QueueControl, LedgerControl,
    QuarantineControl, RecordsControl, MailControl, DoctorControl, KeyControl, LinkControl, ReportControl,
    TraceControl
{}

/// The daemon as a whole.
public protocol DaemonControl: Sendable {
    func status() async -> DaemonStatus

    /// Reads the configuration again. A configuration with errors throws `Problem.configuration` with all of them and
    /// changes nothing.
    func reload() async throws -> ReloadReport

    /// Whose commands are obeyed, as of the configuration in force.
    func access() async -> AccessRules
}

/// The accounts: `Problem.notFound` for one that is not configured.
public protocol AccountControl: Sendable {
    /// In the order of their names.
    func accounts() async throws -> [AccountStatus]
    func account(_ name: AccountName) async throws -> AccountStatus

    /// Fetches now, whatever the schedule says. With `wait` it returns when the account has been looked through.
    func fetch(_ name: AccountName, wait: Bool) async throws -> FetchReport

    /// Stops fetching and sending, or with `backfillOnly` the fetching of old mail, until `end` or until it is resumed; a
    /// restart does not end it.
    func pause(_ name: AccountName, backfillOnly: Bool, until end: Timestamp?) async throws -> AccountStatus
    func resume(_ name: AccountName, backfillOnly: Bool) async throws -> AccountStatus

    /// The folders on the server, with what the ledger knows of them.
    func folders(_ name: AccountName) async throws -> [FolderStatus]

    /// A valid access token; with `refresh` a new one even if the present one still lives, or why there is none.
    ///
    /// - Parameter direction: whose; `nil`: receiving's, else sending's.
    func token(_ name: AccountName, _ direction: Direction?, refresh: Bool) async throws -> AccessTokenReply
}

/// What is known of fetched mail.
public protocol LedgerControl: Sendable {
    /// Forgets what UIDs mean, keeps what is known, and looks for it at once. `Problem.notFound` for a folder that is not
    /// watched.
    ///
    /// - Parameters:
    ///   - folder: its name; `nil`: all that are watched.
    ///   - dryRun: changes nothing, and says what would be found.
    func reset(_ name: AccountName, folder: String?, dryRun: Bool) async throws -> ResetReport
}

/// What is remembered of accounts.
public protocol RecordsControl: Sendable {
    /// Holds the watched folders against the ledger, and returns when what was found is cured or cannot be.
    func audit(_ name: AccountName) async throws -> AuditReport

    /// Learns what was delivered before from the files of a Maildir.
    ///
    /// - Parameters:
    ///   - path: on the daemon's machine, absolute.
    ///   - folder: whose mail is at `path` itself; `nil`: INBOX, and subfolders as Maildir++ names them.
    ///   - dryRun: changes nothing, and says what would be learned.
    func importMaildir(
        _ name: AccountName, path: String, folder: String?, dryRun: Bool
    ) async throws -> ImportReport

    /// Removes the state of an account that is not in the configuration any more: `Problem.conflict` while it is, and,
    /// unless `force`, while messages of it wait in the queue.
    func forget(_ name: AccountName, force: Bool) async throws -> ForgetReport
}

/// Mail that could not be read.
public protocol QuarantineControl: Sendable {
    /// - Parameters:
    ///   - account: only this one's.
    ///   - id: from the one behind it on, at most `limit`.
    func quarantine(_ account: AccountName?, after id: Int64?, limit: Int) async throws -> QuarantinePage

    /// `Problem.notFound` for an id that is not in quarantine.
    func quarantined(_ id: Int64) async throws -> QuarantinedMessage

    /// `Problem.conflict` where there is nothing to deliver.
    func perform(_ order: QuarantineOrder, on id: Int64) async throws
}

/// Signing in. An account's two directions may need two consents: where `direction` is `nil`, the one that is missing is
/// meant, else receiving's.
public protocol SignInControl: Sendable {
    /// Asks the provider for a device code (RFC 8628) and begins to wait for the person.
    func beginDeviceSignIn(_ name: AccountName, _ direction: Direction?) async throws -> AuthorizationProgress

    /// Returns when the sign-in `id` is over, or after `patience` with `waiting`.
    func deviceSignIn(_ name: AccountName, id: String, patience: Duration) async throws -> AuthorizationProgress

    /// Makes the address of a sign-in in a browser (RFC 6749 §4.1). The provider is not asked yet.
    func beginBrowserSignIn(
        _ name: AccountName, _ direction: Direction?, backBy way: AuthorizationWayBack
    ) async throws -> AuthorizationProgress

    /// Ends the sign-in `id` with what the browser brought back. An answer of another sign-in ends nothing and throws a
    /// `Problem`.
    func finishBrowserSignIn(_ name: AccountName, id: String, _ answer: AuthorizationAnswer) async throws
        -> AuthorizationProgress

    /// Says what must be done once, with the ids filled in, so that the app itself may open the mailbox, and whether it gets
    /// a token now. `Problem.usage` for an account that somebody signs in for.
    func authorizeApplication(_ name: AccountName) async throws -> AuthorizationProgress

    /// Takes back the consent an account is signed in with, and so that of all accounts that share it: at the provider,
    /// where that can be told, and here in any case. `Problem.usage` where there are two and `direction` does not say which.
    func revoke(_ name: AccountName, _ direction: Direction?) async throws -> RevokeReport

    /// Takes a refresh token obtained elsewhere, after it has proven to work.
    func importRefreshToken(
        _ token: Secret, for name: AccountName, _ direction: Direction?
    ) async throws -> AuthorizationProgress
}

/// The outbound queue.
public protocol QueueControl: Sendable {
    /// Returns when the message is stored durably; a message that was refused throws `Problem.refused`.
    func submit(_ submission: Submission, _ content: MessageContent) async throws -> SubmissionReceipt

    func messages(_ filter: QueueFilter) async throws -> QueuePage
    func message(_ id: QueueID) async throws -> QueuedMessage

    /// `Problem.notFound` for an id that is not known; `Problem.conflict` where its state does not allow the order.
    func perform(_ order: QueueOrder, on selection: QueueSelection, for peer: Peer) async throws
        -> QueueOrderReport
}
