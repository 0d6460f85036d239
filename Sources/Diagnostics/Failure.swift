/// What went wrong, how far it reaches, and when trying again makes sense.
///
/// Every error that crosses a module border is a `Failure`: what it says is shown to the operator as it is, so `reason`
/// names what happened and what to do, and never holds a secret. It is classified once, next to what failed.
public struct Failure: Error, Hashable, Sendable {
    /// How far a failure reaches. A smaller one never stops a larger.
    public enum Scope: String, Comparable, Sendable, CaseIterable {
        case message, folder, direction, account, daemon

        public static func < (left: Scope, right: Scope) -> Bool { left.rank < right.rank }
        private var rank: Int { Scope.allCases.firstIndex(of: self)! }
    }

    /// When trying again makes sense.
    public enum Retry: Hashable, Sendable {
        /// At once, on a new connection: the condition is normal, such as a session that ended with its token.
        case now
        /// After a back-off of the caller's, or after the time the server asked for.
        case later(after: Duration?)
        /// When the mailbox owner has signed in again.
        case whenReauthorized
        /// When somebody has changed a setting.
        case whenReconfigured(by: Party)
        /// The same thing will fail the same way for ever.
        case never
    }

    /// Who can change the setting that is in the way.
    public enum Party: String, Sendable {
        /// The administrator of Postbote: its configuration. The direction is `misconfigured`.
        case operatorOfPostbote = "operator"
        /// The administrator of the mail provider's tenant. The direction is `needs_admin`.
        case tenantAdministrator = "tenant administrator"
    }

    /// What callers tell apart from the rest, because they answer it in a way of their own.
    public enum Condition: String, Sendable {
        /// The server refused who signed in. Straight after a fresh token one such reply is not yet a verdict.
        case signInRefused = "sign-in refused"
        /// The session ended as sessions do, with its token or its time; nothing is wrong with the account.
        case sessionEnded = "session ended"
        /// The server asked for fewer or slower requests.
        case throttled
        /// The operating system refused a file of Postbote's own. It may be there later: a disk that is mounted late.
        case fileRefused = "file refused"
        /// Somebody else signed in than who should have.
        case wrongPerson = "wrong person"
        /// Who signed in has the right name, and is not who signed in before.
        case changedPerson = "changed person"
        /// The link with which somebody signed in ended before its consent was stored.
        case linkEnded = "link ended"
        /// The server has no folder of that name: the one to be opened, or the one that messages were to go to.
        case noSuchFolder = "no such folder"
        /// Whoever signed in to submit may not send as the sender of the message.
        case sendAsDenied = "send as denied"
    }

    public var scope: Scope
    public var retry: Retry
    /// What was being done, as an operator would say it: `connect`, `sign in`, `UID FETCH`, `refresh token`.
    public var operation: String
    /// What happened and what to do, in a sentence.
    public var reason: String
    /// The server's own line, where there is one.
    public var serverLine: String?
    /// Where it happened: account, folder, UID, queue id, host; shown and logged as fields.
    public var place: [String: String]
    public var condition: Condition?

    public init(
        _ scope: Scope, _ retry: Retry, operation: String, reason: String, serverLine: String? = nil,
        place: [String: String] = [:], condition: Condition? = nil
    ) {
        self.scope = scope
        self.retry = retry
        self.operation = operation
        self.reason = reason
        self.serverLine = serverLine
        self.place = place
        self.condition = condition
    }

    /// The same failure, known to be this account's: `ACCOUNT` in the commands that the reason advises is its name.
    public func of(account: String) -> Failure {
        var copy = at("account", account)
        copy.reason = copy.reason.replacing(" ACCOUNT", with: " \(account)")
        return copy
    }

    /// The same failure, known to have happened at `key` = `value`.
    public func at(_ key: String, _ value: String) -> Failure {
        var copy = self
        copy.place[key] = value
        return copy
    }
}

extension Failure: CustomStringConvertible {
    public var description: String {
        guard let serverLine else { return "\(operation): \(reason)" }
        return "\(operation): \(reason) (server: \(serverLine))"
    }
}
