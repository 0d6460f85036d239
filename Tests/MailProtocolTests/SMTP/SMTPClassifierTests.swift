import Diagnostics
import MailProtocol
import Testing

@Suite struct SMTPClassifierTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var stage: SMTPStage
        var line: String
        var scope: Failure.Scope
        var retry: Failure.Retry
        var condition: Failure.Condition?

        init(
            _ stage: SMTPStage, _ line: String, _ scope: Failure.Scope, _ retry: Failure.Retry,
            _ condition: Failure.Condition? = nil
        ) {
            self.stage = stage
            self.line = line
            self.scope = scope
            self.retry = retry
            self.condition = condition
        }

        var testDescription: String { "\(stage): \(line)" }
    }

    private static let tenant = Failure.Retry.whenReconfigured(by: .tenantAdministrator)
    private static let us = Failure.Retry.whenReconfigured(by: .operatorOfPostbote)
    private static let later = Failure.Retry.later(after: nil)
    private static let day = Failure.Retry.later(after: .seconds(86400))

    static let exchange = [
        Row(
            .signIn,
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. [AM0PR04CA0001.eurprd04.prod.outlook.com]",
            .direction, tenant),
        Row(
            .signIn, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
            .direction, tenant),
        Row(
            .signIn,
            "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.",
            .direction, tenant),
        Row(
            .signIn, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", .direction, tenant),
        Row(
            .signIn,
            "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator.",
            .direction, tenant),
        Row(
            .signIn, "535 5.7.139 Authentication unsuccessful, federated STS service was unreachable.", .direction,
            later),
        Row(
            .signIn, "535 5.7.139 Authentication unsuccessful, federated STS URL does not support HTTPS.", .direction,
            tenant),
        Row(
            .signIn,
            "535 5.7.3 Authentication unsuccessful [AM0PR04CA0001.eurprd04.prod.outlook.com 2026-01-01T00:00:00.000Z 08DE000000000000]",
            .direction, .whenReauthorized, .signInRefused),
        Row(.signIn, "550 5.7.30 Basic authentication is not supported for Client Submission.", .direction, us),
        Row(
            .signIn,
            "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=x]",
            .direction, later, .throttled),
        Row(.signIn, "421 4.3.2 Service not available", .direction, later),
        Row(.mail, "530 5.7.57 Client not authenticated to send mail. [x]", .direction, us),
        Row(
            .mail, "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
            .direction, us),
        Row(
            .content, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", .message, .never,
            .sendAsDenied),
        Row(
            .content,
            "554 5.2.252 SendAsDenied; a@x.test not allowed to send as b@x.test; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message",
            .message, .never, .sendAsDenied),
        Row(
            .content, "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
            .message, .never, .sendAsDenied),
        Row(.content, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", .direction, later, .throttled),
        Row(
            .content,
            "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message due to a permanent exception",
            .direction, day, .throttled),
        Row(.content, "550 5.2.2 Submission quota exceeded", .direction, day, .throttled),
        Row(
            .content, "550 5.2.0 The message can't be submitted because the sender's submission quota was exceeded",
            .direction, day, .throttled),
        Row(
            .recipient,
            "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
            .direction, day, .throttled),
        Row(
            .content,
            "554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded; Failed",
            .direction, tenant),
        Row(.content, "550 5.1.8 Access denied, bad outbound sender AS(42003)", .direction, tenant),
        Row(.mail, "550 Bad outbound sender", .direction, tenant),
        Row(.content, "550 5.7.501 Access denied, spam abuse detected from banned sender", .direction, tenant),
        Row(.content, "550 5.7.502 Access denied, banned sender", .direction, tenant),
        Row(.content, "550 5.7.503 Access denied, banned sender", .direction, tenant),
        Row(.content, "550 5.7.705 Access denied, tenant has exceeded threshold", .direction, tenant),
        Row(.content, "550 5.7.708 Access denied, traffic not accepted from this IP", .direction, tenant),
        Row(
            .recipient,
            "550 5.7.703 Your message can't be delivered because messages to x are blocked by your organization's tenant recipient block policy",
            .message, .never),
        Row(.content, "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (AS77712)", .message, later),
        Row(.content, "451 4.7.850 Access denied, rate limit", .message, later),
        Row(.recipient, "452 4.5.3 Too many recipients", .message, .now),
        Row(.content, "550 5.6.11 Invalid characters", .message, .never),
        Row(
            .content,
            "550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant and include a valid From address",
            .message, .never),
        Row(
            .content, "421 4.4.2 Message submission rate for this client has exceeded the configured limit",
            .direction, later, .throttled),
        Row(.mail, "451 4.7.0 Temporary server error. Please try again later. PRX4", .message, later),
        Row(.mail, "421 4.3.2 Service not available", .message, later),
    ]

    static let gmail = [
        Row(
            .signIn,
            "535 5.7.8 Username and Password not accepted. For more information, go to https://support.google.com/mail/?p=BadCredentials x - gsmtp",
            .direction, .whenReauthorized, .signInRefused),
        Row(
            .signIn,
            "535 5.7.1 Username and Password not accepted. Learn more at https://support.google.com/mail/?p=BadCredentials x",
            .direction, .whenReauthorized, .signInRefused),
        Row(
            .signIn, "534 5.7.9 Please log in with your web browser and then try again. - gsmtp", .direction,
            .whenReauthorized, .signInRefused),
        Row(
            .signIn,
            "454 4.7.0 Too many login attempts, please try again later. For more information, go to https://support.google.com/mail/answer/7126229 - gsmtp",
            .direction, .later(after: .seconds(600)), .throttled),
        Row(
            .signIn, "454 4.7.0 Cannot authenticate due to a temporary system problem. Try again later. - gsmtp",
            .direction, later),
        Row(.hello, "421 4.7.0 Try again later, closing connection. (EHLO) - gsmtp", .direction, later),
        Row(.mail, "421 4.7.0 Temporary System Problem. Try again later. - gsmtp", .message, later),
        Row(.content, "421 4.3.0 Temporary System Problem. Try again later. - gsmtp", .message, later),
        Row(.mail, "421 4.4.5 Server busy, try again later. - gsmtp", .message, later),
        Row(
            .mail,
            "421 4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address. - gsmtp",
            .direction, later, .throttled),
        Row(
            .data,
            "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to https://support.google.com/a/answer/166852 - gsmtp",
            .direction, day, .throttled),
        Row(
            .recipient, "450 4.2.1 The user you are trying to contact is receiving mail too quickly. - gsmtp",
            .message, later),
        Row(.recipient, "452 4.2.2 The recipient's inbox is out of storage space. - gsmtp", .message, later),
        Row(.recipient, "452 4.5.3 Your message has too many recipients. - gsmtp", .message, .now),
        Row(.content, "451 4.4.2 Timeout - closing connection. - gsmtp", .message, later),
        Row(
            .mail, "454 4.5.0 SMTP protocol violation, no commands allowed to pipeline after STARTTLS. - gsmtp",
            .direction, later),
        Row(.content, "550 5.7.1 Message blocked by a content compliance rule. - gcdp", .message, tenant),
        Row(.content, "552 5.3.4 Your message exceeded Google's message size limits. - gsmtp", .message, .never),
        Row(.mail, "530 5.7.0 Must issue a STARTTLS command first. - gsmtp", .direction, us),
    ]

    static let others = [
        Row(
            .signIn, "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", .direction, .whenReauthorized,
            .signInRefused),
        Row(.signIn, "501 5.7.0 Authentication aborted", .direction, later),
        Row(.signIn, "504 5.5.4 Unrecognized authentication type", .direction, us),
        Row(.signIn, "538 5.7.11 Encryption required", .direction, us),
        Row(.signIn, "500 5.5.6 Authentication Exchange line is too long", .direction, later),
        Row(.signIn, "432 4.7.12 A password transition is needed", .direction, us),
        Row(.signIn, "250 what", .direction, later),
        Row(.hello, "554 5.7.1 No SMTP service here", .direction, us),
        Row(.hello, "450 4.3.2 Overloaded", .direction, later),
        Row(.mail, "452 4.3.1 Insufficient system storage", .message, later),
        Row(.mail, "552 5.3.4 Message size exceeds fixed limit", .message, .never),
        Row(.mail, "552 Message too large", .message, .never),
        Row(.mail, "550 5.1.0 Sender rejected", .message, .never),
        Row(.mail, "503 5.5.1 Sender already given", .message, later),
        Row(.recipient, "550 5.1.1 No such user", .message, .never),
        Row(.recipient, "450 4.7.1 Greylisted", .message, later),
        Row(.recipient, "552 Too many recipients", .message, .now),
        Row(.recipient, "552 5.2.2 Mailbox full", .message, .never),
        Row(.content, "552 5.2.2 Mailbox full", .message, .never),
        Row(.content, "554 5.7.1 Spam", .message, .never),
        Row(.content, "550 5.6.7 SMTPUTF8 required", .message, .never),
        Row(.reset, "500 5.5.1 Unknown command", .message, later),
        Row(.idle, "421 4.4.2 Idle too long", .direction, .now, .sessionEnded),
        Row(.content, "399 what", .message, later),
    ]

    @Test("A refusal is understood as its provider means it", arguments: exchange + gmail + others)
    func row(row: Row) throws {
        var parser = SMTPReplyParser()
        var replies: [SMTPReply] = []
        try parser.push((row.line + "\r\n").utf8, into: &replies)
        let failure = SMTPClassifier.classify(try #require(replies.first), at: row.stage)
        #expect(failure.scope == row.scope)
        #expect(failure.retry == row.retry)
        #expect(failure.condition == row.condition)
        #expect(failure.operation == row.stage.rawValue)
        #expect(failure.serverLine == replies[0].serverLine)
        #expect(failure.reason.hasSuffix(".") && failure.reason.count > 20)
    }

    @Test("Gmail's replies of many lines are understood too")
    func multiline() throws {
        let text = """
            454-4.7.0 Too many login attempts, please try again later. For more\r
            454-4.7.0 information, go to\r
            454 4.7.0  https://support.google.com/mail/answer/7126229 x - gsmtp\r

            """
        var parser = SMTPReplyParser()
        var replies: [SMTPReply] = []
        try parser.push(text.utf8, into: &replies)
        let failure = SMTPClassifier.classify(try #require(replies.first), at: .signIn)
        #expect(failure.condition == .throttled && failure.retry == .later(after: .seconds(600)))
    }
}
