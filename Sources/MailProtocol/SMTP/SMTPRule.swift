import Diagnostics

/// One thing that providers are known to say, and what it means. All that is given must match.
struct SMTPRule: Sendable {
    /// Empty: any.
    var stages: [SMTPStage] = []
    /// `nil`: any.
    var codes: ClosedRange<Int>?
    /// Empty: any.
    var enhanced: [EnhancedStatus] = []
    /// One of them is in the reply's text, in lower case; empty: any text.
    var phrases: [String] = []
    var verdict: SMTPVerdict

    func matches(_ reply: SMTPReply, _ text: String, _ stage: SMTPStage) -> Bool {
        (stages.isEmpty || stages.contains(stage))
            && (codes?.contains(reply.code) ?? true)
            && (enhanced.isEmpty || reply.enhanced.map(enhanced.contains) == true)
            && (phrases.isEmpty || phrases.contains { text.contains($0) })
    }

    /// A rolling day, after which a sending quota is free again.
    private static let day = Duration.seconds(24 * 3600)
    private static let tenant = Failure.Retry.whenReconfigured(by: .tenantAdministrator)
    private static let us = Failure.Retry.whenReconfigured(by: .operatorOfPostbote)
}

// MARK: Signing in

extension SMTPRule {
    /// The first that matches counts.
    static let signIn: [SMTPRule] = [
        // Exchange Online answers settings of the tenant with 535 like wrong passwords; a fresh token helps nothing.
        SMTPRule(
            codes: 500...599, phrases: ["smtpclientauthentication is disabled"],
            verdict: .init(
                .direction, tenant,
                "SMTP AUTH is switched off for the mailbox or the whole tenant, for OAuth too. A tenant "
                    + "administrator switches it on: Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled "
                    + "$false.")),
        SMTPRule(
            codes: 500...599, phrases: ["security defaults policy"],
            verdict: .init(
                .direction, tenant,
                "The tenant's security defaults forbid SMTP AUTH. A tenant administrator must replace security "
                    + "defaults by Conditional Access policies and allow SMTP AUTH for this mailbox.")),
        SMTPRule(
            codes: 500...599, phrases: ["federated sts service was unreachable"],
            verdict: .init(
                .direction, .later(after: nil),
                "The tenant's federation server could not be reached by Microsoft. If this stays, tell the tenant's "
                    + "administrator.")),
        SMTPRule(
            codes: 500...599, phrases: ["federated sts url does not support https"],
            verdict: .init(
                .direction, tenant,
                "The tenant's federation server does not speak HTTPS. The tenant's administrator must correct its "
                    + "address."
            )),
        SMTPRule(
            codes: 500...599, phrases: ["basic authentication is disabled"],
            verdict: .init(
                .direction, tenant,
                "The tenant does not allow passwords for SMTP. Use an OAuth grant, or have a tenant administrator "
                    + "allow basic authentication for this mailbox.")),
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 7, 30)],
            verdict: .init(
                .direction, us,
                "The server no longer takes passwords. Use an OAuth grant for this account.")),
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 7, 139)],
            verdict: .init(
                .direction, tenant,
                "A policy of the tenant, such as Conditional Access, does not let this sign-in through. A tenant "
                    + "administrator must allow SMTP AUTH for this mailbox and this machine.")),
        SMTPRule(
            codes: 432...432, enhanced: [.init(4, 7, 12)],
            verdict: .init(
                .direction, us,
                "The server wants the password set anew before this mechanism works. Sign in once in another way.")),
        SMTPRule(
            codes: 400...499, phrases: ["too many login attempts"],
            verdict: .init(
                .direction, .later(after: .seconds(600)),
                "There were too many sign-ins in a short time. Postbote waits.", .throttled)),
        SMTPRule(
            codes: 400...499, phrases: ["concurrent connections limit", "thread limit exceeded"],
            verdict: .init(
                .direction, .later(after: nil),
                "Too many connections send through this mailbox at once. Lower `rate: connections`, or stop other "
                    + "programs that send through it.", .throttled)),
        SMTPRule(
            codes: 534...534,
            verdict: .init(
                .direction, .whenReauthorized,
                "The provider wants the owner to sign in with a browser first, or an application password.",
                .signInRefused)),
        SMTPRule(
            phrases: ["must issue a starttls"],
            verdict: .init(.direction, us, "The server wants TLS first. Set tls: starttls.")),
    ]
}

// MARK: Everything after

extension SMTPRule {
    /// The first that matches counts.
    static let sending: [SMTPRule] = quotas + throttles + bans + permissions + content + recipients

    /// Permanent codes for conditions that pass: the mail is kept and the direction waits.
    private static let quotas = [
        SMTPRule(
            codes: 400...599, enhanced: [.init(5, 4, 5), .init(5, 1, 90)], verdict: dailyQuota),
        SMTPRule(
            codes: 400...599,
            phrases: [
                "submissionquotaexceeded", "submission quota", "daily limit for message recipients",
                "daily user sending limit", "daily sending quota", "external recipient rate limit",
            ], verdict: dailyQuota),
        // The copy in Sent Items does not fit any more.
        SMTPRule(
            codes: 400...599, phrases: ["mapiexceptionshutoffquotaexceeded", "submission.exception:quotaexceeded"],
            verdict: .init(
                .direction, tenant,
                "The sending mailbox is full, so that nothing can be sent through it. Empty it or raise its quota.")),
    ]

    private static let dailyQuota = SMTPVerdict(
        .direction, .later(after: day),
        "The mailbox has sent as much as its provider allows in a day. The mail is kept and sent when the quota is "
            + "free again.", .throttled)

    private static let throttles = [
        SMTPRule(
            codes: 400...499, phrases: ["thread limit exceeded", "concurrent connections limit"],
            verdict: .init(
                .direction, .later(after: nil),
                "Too many connections send through this mailbox at once. Lower `rate: connections`, or stop other "
                    + "programs that send through it.", .throttled)),
        SMTPRule(
            codes: 400...499, phrases: ["submission rate", "unusual rate"],
            verdict: .init(
                .direction, .later(after: nil),
                "Mail was sent faster than the provider allows. Postbote waits; lower `rate: messages_per_minute`.",
                .throttled)),
        SMTPRule(
            codes: 454...454, enhanced: [.init(4, 5, 0)],
            verdict: .init(.direction, .later(after: nil), "The server was not ready for commands in a group.")),
    ]

    private static let bans = [
        SMTPRule(
            codes: 500...599,
            enhanced: [
                .init(5, 1, 8), .init(5, 7, 501), .init(5, 7, 502), .init(5, 7, 503), .init(5, 7, 705),
                .init(5, 7, 708),
            ], verdict: banned),
        SMTPRule(codes: 500...599, phrases: ["bad outbound sender", "banned sender"], verdict: banned),
    ]

    private static let banned = SMTPVerdict(
        .direction, tenant,
        "The provider has barred this mailbox or its tenant from sending, usually because of spam or a stolen "
            + "account. A tenant administrator must find the cause and have the bar lifted.")

    private static let permissions = [
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 7, 60)], verdict: sendAs),
        SMTPRule(codes: 500...599, phrases: ["sendasdenied"], verdict: sendAs),
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 7, 30)],
            verdict: .init(
                .direction, us, "The server no longer takes passwords. Use an OAuth grant for this account.")),
        SMTPRule(
            phrases: ["must issue a starttls"],
            verdict: .init(.direction, us, "The server wants TLS first. Set tls: starttls.")),
        SMTPRule(
            stages: [.mail, .recipient, .data, .content], codes: 530...530, verdict: notSignedIn),
        SMTPRule(codes: 500...599, enhanced: [.init(5, 7, 57)], verdict: notSignedIn),
    ]

    private static let sendAs = SMTPVerdict(
        .message, .never,
        "The signed-in mailbox may not send as this sender. Send from its own address, or have a tenant "
            + "administrator give it the right to send as the other one.", .sendAsDenied)

    private static let notSignedIn = SMTPVerdict(
        .direction, us,
        "The server wants a sign-in before it takes mail. Give the account a grant or password that its SMTP server "
            + "knows."
    )

    private static let content = [
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 6, 11)],
            verdict: .init(.message, .never, "The server found characters in the message that it does not take.")),
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 7, 512)],
            verdict: .init(.message, .never, "The message has no valid From field.")),
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 2, 2)],
            verdict: .init(.message, .never, "The recipient's mailbox is full.")),
        SMTPRule(
            stages: [.mail, .data, .content], codes: 500...599, enhanced: [.init(5, 3, 4), .init(5, 2, 3)],
            verdict: tooLarge),
        SMTPRule(
            stages: [.mail, .data, .content], codes: 552...552,
            verdict: tooLarge),
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 6, 7)],
            verdict: .init(
                .message, .never,
                "The server does not take international characters in addresses or header "
                    + "fields.")),
        // Google marks what a rule of the customer's own administrator decided.
        SMTPRule(
            codes: 500...599, phrases: ["gcdp"],
            verdict: .init(
                .message, tenant,
                "A rule of the Google Workspace administrator stopped this message. It is kept; have the rule "
                    + "changed, or cancel the message.")),
    ]

    private static let tooLarge = SMTPVerdict(
        .message, .never, "The message is larger than the server takes. Send less, or send a link.")

    private static let recipients = [
        // RFC 5321 §4.5.3.1.10: 552 for too many recipients counts as 452. The others go in another transaction.
        SMTPRule(
            stages: [.recipient], codes: 400...599, enhanced: [.init(4, 5, 3), .init(5, 5, 3)], verdict: tooMany),
        SMTPRule(stages: [.recipient], codes: 400...599, phrases: ["too many recipients"], verdict: tooMany),
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 7, 703)],
            verdict: .init(
                .message, .never, "The tenant's own block list forbids mail to a recipient of this message.")),
        SMTPRule(
            codes: 500...599, enhanced: [.init(5, 1, 1), .init(5, 1, 10)],
            verdict: .init(.message, .never, "There is no such recipient. Check the address.")),
    ]

    private static let tooMany = SMTPVerdict(
        .message, .now,
        "The server takes only some of the recipients at once; the others follow in another transaction.")
}
