import Diagnostics
import MailModel
import Testing

@testable import MailProtocol

@Suite("What an IMAP server's refusal means")
struct IMAPClassifierTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var line: String
        var operation: IMAPOperation
        var scope: Failure.Scope
        var retry: Failure.Retry
        var condition: Failure.Condition?

        init(
            _ line: String, _ operation: IMAPOperation, _ scope: Failure.Scope, _ retry: Failure.Retry,
            _ condition: Failure.Condition? = nil
        ) {
            self.line = line
            self.operation = operation
            self.scope = scope
            self.retry = retry
            self.condition = condition
        }

        var testDescription: String { "\(operation.rawValue): \(line)" }
    }

    static let byOperator = Failure.Retry.whenReconfigured(by: .operatorOfPostbote)
    static let byTenant = Failure.Retry.whenReconfigured(by: .tenantAdministrator)
    static let later = Failure.Retry.later(after: nil)
    static let inFiveMinutes = Failure.Retry.later(after: .seconds(300))
    static let inAnHour = Failure.Retry.later(after: .seconds(3_600))

    /// Texts seen from Exchange Online.
    static let exchange: [Refusal] = [
        Refusal("pb1 NO AUTHENTICATE failed.", .signIn, .direction, .whenReauthorized, .signInRefused),
        Refusal(
            "pb1 BAD User is authenticated but not connected.", .select, .direction, .whenReauthorized, .signInRefused
        ),
        Refusal("* BYE Session invalidated - AccessTokenExpired", .idle, .direction, .now, .sessionEnded),
        Refusal("pb1 NO Session invalidated - AccessTokenExpired", .search, .direction, .now, .sessionEnded),
        Refusal(
            "pb1 BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds", .fetch, .direction,
            .later(after: .milliseconds(92_415)), .throttled),
        Refusal("pb1 BAD Request is throttled.", .fetch, .direction, later, .throttled),
        Refusal(
            "pb1 BAD Suggested Backoff Time: 99999999999999 milliseconds", .other, .direction, inAnHour, .throttled),
        Refusal("pb1 NO Suggested Backoff Time: x", .other, .direction, later, .throttled),
        Refusal("pb1 NO Suggested Backoff Time:", .other, .direction, later, .throttled),
        Refusal("pb1 NO Server Unavailable. 15", .signIn, .direction, later),
        Refusal("pb1 BAD Command Argument Error. 12", .fetch, .folder, later),
        Refusal("pb1 BAD Command Argument Error. 11", .list, .direction, later),
        Refusal("* BYE Connection closed. 14", .fetch, .direction, later),
        Refusal("pb1 NO Archiv doesn't exist.", .select, .folder, byOperator, .noSuchFolder),
        Refusal("pb1 NO Archiv doesn't exist.", .copy, .folder, byOperator, .noSuchFolder),
        Refusal("pb1 BAD Command Argument Error. 12", .expungeDeleted, .folder, later),
    ]

    static let gmail: [Refusal] = [
        Refusal(
            "pb1 NO [ALERT] Too many simultaneous connections. (Failure)", .signIn, .direction, inFiveMinutes,
            .throttled),
        Refusal(
            "pb1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", .signIn, .direction, .whenReauthorized,
            .signInRefused),
        Refusal("* BYE Session expired, please login again", .fetch, .direction, .now, .sessionEnded),
        Refusal(
            "pb1 NO [ALERT] Please log in via your web browser: https://x (Failure)", .signIn, .direction,
            .whenReauthorized, .signInRefused),
        Refusal(
            "pb1 NO [ALERT] Application-specific password required: https://x (Failure)", .signIn, .direction,
            byOperator),
        Refusal(
            "pb1 NO [ALERT] Your account is not enabled for IMAP use. (Failure)", .signIn, .direction, byTenant),
        Refusal("pb1 NO [OVERQUOTA] Account exceeded bandwidth limits.", .fetch, .direction, inAnHour, .throttled),
        Refusal("pb1 NO [OVERQUOTA] x", .copy, .folder, inAnHour),
        Refusal(
            "pb1 NO [NONEXISTENT] Unknown Mailbox: [Gmail] (Failure)", .select, .folder, byOperator, .noSuchFolder),
        Refusal("pb1 NO [CANNOT] Folder contains excess whitespace (Failure)", .select, .folder, .never),
    ]

    /// RFC 5530 and what is said elsewhere.
    static let others: [Refusal] = [
        Refusal("pb1 NO [UNAVAILABLE] x", .signIn, .direction, later),
        Refusal("pb1 NO [UNAVAILABLE] x", .fetch, .direction, later),
        Refusal("pb1 NO [AUTHORIZATIONFAILED] x", .signIn, .direction, .whenReauthorized, .signInRefused),
        Refusal("pb1 NO [EXPIRED] x", .signIn, .direction, .whenReauthorized, .signInRefused),
        Refusal("pb1 NO [PRIVACYREQUIRED] x", .signIn, .direction, byOperator),
        Refusal("pb1 NO [CONTACTADMIN] x", .signIn, .direction, byTenant),
        Refusal("pb1 NO [NOPERM] x", .select, .folder, byTenant),
        Refusal("pb1 NO [NOPERM] x", .signIn, .direction, byTenant),
        Refusal("pb1 NO [INUSE] x", .select, .folder, .later(after: .seconds(60))),
        Refusal("pb1 NO [INUSE] x", .signIn, .direction, .later(after: .seconds(60))),
        Refusal("pb1 NO [LIMIT] x", .signIn, .direction, inFiveMinutes, .throttled),
        Refusal("pb1 NO [EXPUNGEISSUED] x", .fetch, .folder, later),
        Refusal("pb1 NO [CORRUPTION] x", .fetch, .folder, inAnHour),
        Refusal("pb1 NO [SERVERBUG] x", .search, .folder, later),
        Refusal("pb1 BAD [CLIENTBUG] x", .search, .folder, later),
        Refusal("pb1 NO [TRYCREATE] x", .move, .folder, byOperator, .noSuchFolder),
        Refusal("pb1 NO [ALREADYEXISTS] x", .other, .direction, .never),
        Refusal("pb1 NO [REFERRAL imap://b/] x", .signIn, .direction, byOperator),
        Refusal("pb1 NO [X-UNKNOWN] x", .select, .folder, later),
        Refusal("pb1 NO Mailbox is not selectable", .select, .folder, byOperator),
        Refusal("pb1 NO Quota exceeded", .move, .folder, inAnHour), Refusal("pb1 NO x", .store, .folder, later),
        Refusal("pb1 NO x", .other, .direction, later), Refusal("pb1 BAD x", .signIn, .direction, later),
        Refusal("pb1 BAD x", .fetch, .folder, later),
        Refusal("pb1 NO Temporary authentication failure.", .signIn, .direction, later),
        Refusal(
            "pb1 NO Maximum number of connections from user+IP exceeded", .signIn, .direction, inFiveMinutes,
            .throttled),
        Refusal("* BYE Disconnected for inactivity. Autologout", .fetch, .direction, .now, .sessionEnded),
        Refusal("* BYE Server shutting down.", .idle, .direction, .now, .sessionEnded),
        Refusal("* BYE Server shutting down.", .select, .direction, later),
        Refusal("pb1 OK x", .select, .direction, later),
    ]

    @Test("A refusal", arguments: exchange + gmail + others)
    func refusal(refusal: Refusal) throws {
        let reply = try #require(try Self.reply(refusal.line))
        let failure = IMAPClassifier.failure(for: reply, during: refusal.operation, at: .exchange)
        #expect(failure.scope == refusal.scope)
        #expect(failure.retry == refusal.retry)
        #expect(failure.condition == refusal.condition)
        #expect(failure.operation == refusal.operation.rawValue)
        #expect(failure.serverLine == reply.line)
        #expect(failure.reason.hasSuffix("."))
    }

    static func reply(_ line: String) throws -> IMAPReply? {
        switch try transcript(line + "\r\n").first {
        case .tagged(_, let reply), .untagged(.status(let reply)): reply
        default: nil
        }
    }

    @Test("A line that is no IMAP means something, or nothing")
    func garbledLine() {
        let failure = IMAPClassifier.failure(forLine: "Server Unavailable. 15", during: .fetch)
        #expect(failure?.retry == Self.later)
        #expect(failure?.serverLine == "Server Unavailable. 15")
        #expect(IMAPClassifier.failure(forLine: "hello", during: .fetch) == nil)
    }

    @Test("A server's line is cut to what an operator reads")
    func longLine() {
        let reply = IMAPReply(.no, text: String(repeating: "x", count: 10_000))
        #expect(IMAPClassifier.failure(for: reply, during: .fetch).serverLine?.count == 500)
    }
}
