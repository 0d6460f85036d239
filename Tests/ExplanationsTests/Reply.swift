import Testing

/// What a provider sends, and the key of the entry that explains it.
struct Reply: CustomTestStringConvertible, Sendable {
    var line: String
    var key: String

    init(_ line: String, _ key: String) {
        self.line = line
        self.key = key
    }

    var testDescription: String { line }
}

extension Reply {
    static let mailboxes: [Reply] =
        [
            Reply("A01 NO AUTHENTICATE failed.", "IMAP AUTHENTICATE failed"),
            Reply("A02 BAD User is authenticated but not connected.", "IMAP User is authenticated but not connected"),
            Reply("* BYE Connection closed. 14", "IMAP BYE Connection closed"),
            Reply("* BYE Session invalidated - AccessTokenExpired", "IMAP AccessTokenExpired"),
            Reply("A9 NO Session invalidated - AccessTokenExpired SEARCH failed", "IMAP AccessTokenExpired"),
            Reply(
                "A3 BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds", "IMAP Request is throttled"
            ),
            Reply("Server Unavailable. 15", "IMAP Server Unavailable"),
            Reply("* BYE Server Unavailable. 15", "IMAP Server Unavailable"),
            Reply("A4 BAD Command Argument Error. 11", "IMAP Command Argument Error"),
            Reply("A4 BAD Command Argument Error. 12", "IMAP Command Argument Error"),
            Reply(
                "A5 NO Maximum size of appendable message has been exceeded",
                "IMAP Maximum size of appendable message has been exceeded"),
            Reply("A6 NO Folder name is reserved", "IMAP Folder name is reserved"),
            Reply(
                "Retrieval using the IMAP4 protocol failed for the following message: 4711",
                "IMAP Retrieval using the IMAP4 protocol failed for the following message"),
            Reply(
                "-ERR Authentication failure: unknown user name or bad password.",
                "POP3 Authentication failure … unknown user name or bad password"),
            // Gmail.
            Reply(
                "A1 NO [ALERT] Too many simultaneous connections. (Failure)", "IMAP Too many simultaneous connections"
            ),
            Reply(
                "A1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
                "IMAP [AUTHENTICATIONFAILED] Invalid credentials"),
            Reply("* BYE Session expired, please login again", "IMAP Session expired, please login again"),
            Reply(
                "A1 NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754",
                "IMAP Please log in via your web browser"),
            Reply(
                "A1 NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833"
                    + " (Failure)", "IMAP Application-specific password required"),
            Reply("A7 NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", "IMAP [OVERQUOTA]"),
            Reply(
                "A7 NO [NONEXISTENT] Unknown Mailbox: [Gmail] (now in authenticated state) (Failure)",
                "IMAP Unknown Mailbox … [Gmail]"),
            Reply(
                "A7 NO [CANNOT] Folder contains excess whitespace (Failure)", "IMAP Folder contains excess whitespace"
            ),
            Reply(
                "A1 NO [ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page. (Failure)",
                "IMAP not enabled for IMAP"),
            Reply("-ERR [SYS/PERM] Your account is not enabled for POP access.", "POP3 not enabled for POP"),
            Reply(
                "A1 NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
                "IMAP Maximum number of connections"),
            Reply("* BYE Autologout; idle for too long", "IMAP idle for too long"),
            Reply("A1 NO SASL authentication failed", "IMAP SASL authentication failed"),
            Reply(
                "{\"status\":\"401\",\"schemes\":\"bearer mac\",\"scope\":\"https://mail.google.com/\"}",
                "IMAP status … 401 … schemes"),
            Reply(
                "{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/\"}",
                "IMAP status … 400 … schemes"),
        ] + codes

    /// RFC 5530 §3, RFC 3501 §7.1; RFC 2449 §8.1, RFC 3206.
    private static let codes: [Reply] =
        [
            "UNAVAILABLE", "AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED",
            "CONTACTADMIN",
            "NOPERM", "INUSE", "EXPUNGEISSUED", "CORRUPTION", "SERVERBUG", "CLIENTBUG", "CANNOT", "LIMIT",
            "OVERQUOTA",
            "ALREADYEXISTS", "NONEXISTENT", "TRYCREATE",
        ].map { Reply("A8 NO [\($0)] Something in the server's own words", "IMAP [\($0)]") }
        + ["SYS/TEMP", "SYS/PERM", "AUTH", "IN-USE", "LOGIN-DELAY"].map { code in
            Reply("-ERR [\(code)] Something in the server's own words", "POP3 [\(code)]")
        }

    static let submission: [Reply] =
        [
            Reply(
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit "
                    + "https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM]",
                "SMTP SmtpClientAuthentication is disabled for the Tenant"),
            Reply(
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit "
                    + "https://aka.ms/smtp_auth_disabled for more information.",
                "SMTP SmtpClientAuthentication is disabled for the Mailbox"),
            Reply(
                "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. "
                    + "Contact your administrator.",
                "SMTP security defaults policy"),
            Reply(
                "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
                "SMTP basic authentication is disabled"),
            Reply(
                "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated "
                    + "successfully. Contact your administrator.",
                "SMTP the request did not meet the criteria to be authenticated successfully"),
            Reply(
                "535 5.7.139 Authentication unsuccessful, federated STS service was unreachable",
                "SMTP federated STS service was unreachable"),
            Reply(
                "535 5.7.139 Authentication unsuccessful, federated STS URL does not support HTTPS",
                "SMTP federated STS URL does not support HTTPS"),
            Reply("535 5.7.139 Authentication unsuccessful, something new", "SMTP 5.7.139"),
            Reply(
                "535 5.7.3 Authentication unsuccessful [FR0P281CA0001 2026-11-26T10:00:00Z 08DE]", "SMTP 535 5.7.3"),
            Reply("550 5.7.30 Basic authentication is not supported for Client Submission.", basic),
            Reply(
                "530 5.7.57 Client not authenticated to send mail. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM]",
                "SMTP Client not authenticated to send mail"),
            Reply(
                "530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM",
                "SMTP Client was not authenticated to send anonymous mail"),
            Reply("550 5.7.60 SMTP; Client does not have permissions to send as this sender", sendAs),
            Reply(
                "554 5.2.252 SendAsDenied; a@contoso.de not allowed to send as b@contoso.de; STOREDRV.Submission.Exception:"
                    + "SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message", "SMTP 5.2.252"),
            Reply(
                "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
                "SMTP SendAsDeniedException"),
            Reply(
                "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded [Hostname=FR0P281MB0001]",
                "SMTP thread limit exceeded"),
            Reply(
                "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more "
                    + "information. [Hostname=FR0P281MB0001]", "SMTP Concurrent connections limit"),
            Reply(
                "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message",
                "SMTP SubmissionQuotaExceededException"),
            Reply(
                "554 5.2.0 The message can't be submitted because the sender's submission quota was exceeded",
                "SMTP submission quota"),
            Reply("554 5.2.2 Submission quota exceeded", "SMTP submission quota"),
            Reply(
                "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
                "SMTP daily limit for message recipients"),
            Reply(
                "554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException."
                    + "MapiExceptionShutoffQuotaExceeded; Failed to process message",
                "SMTP mailbox full … MapiExceptionShutoffQuotaExceeded"),
            Reply("550 5.1.8 Access denied, bad outbound sender AS(42003)", "SMTP bad outbound sender"),
            Reply("550 5.7.501 Access denied, spam abuse detected", "SMTP 5.7.501"),
            Reply("550 5.7.502 Access denied, banned sender", "SMTP banned sender"),
            Reply("550 5.7.503 Access denied, banned sender", "SMTP banned sender"),
            Reply("550 5.7.705 Access denied, tenant has exceeded threshold", "SMTP tenant has exceeded threshold"),
            Reply(
                "550 5.7.708 Access denied, traffic not accepted from this IP",
                "SMTP traffic not accepted from this IP"),
            Reply(
                "550 5.7.703 Your message can't be delivered because one or more recipients are blocked by your "
                    + "organization's tenant recipient block policy.",
                "SMTP blocked by your organization's tenant recipient block policy"),
            Reply("451 4.7.500 Access denied, please try again later (AS611)", "SMTP 4.7.500-699"),
            Reply("451 4.7.699 (AS780) Access denied, please try again later", "SMTP 4.7.500-699"),
            Reply("451 4.7.850 Access denied", "SMTP 4.7.850-899"),
            Reply("452 4.5.3 Too many recipients", "SMTP Too many recipients"),
            Reply("550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; invalid characters", "SMTP 5.6.11"),
            Reply(
                "550 5.7.512 Access denied, message must be RFC 5322 section 3.6.2 compliant",
                "SMTP must be RFC 5322 section 3.6.2 compliant"),
            Reply(
                "421 4.4.2 Message submission rate for this client has exceeded the configured limit",
                "SMTP submission rate"),
            Reply(
                "451 4.7.0 Temporary server error. Please try again later. PRX2",
                "SMTP 451 4.7.0 Temporary server error"),
            Reply("421 4.3.2 Service not available", "SMTP 421 4.3.2 Service not available"),
            Reply("550 5.2.121 RESOLVER.ADR.RecipLimit; too much", "SMTP 5.2.121"),
        ] + google

    private static let google: [Reply] = [
        Reply(
            "535-5.7.8 Username and Password not accepted. For more information, go to 535 5.7.8 "
                + "https://support.google.com/mail/?p=BadCredentials a640c23a62f3a-b76 - gsmtp",
            "SMTP Username and Password not accepted"),
        Reply(
            "535-5.7.1 Username and Password not accepted. Learn more at 535 5.7.1 "
                + "https://support.google.com/mail/?p=BadCredentials x",
            "SMTP Username and Password not accepted"),
        Reply(
            "454-4.7.0 Too many login attempts, please try again later. For more information, go to 454 4.7.0 "
                + "https://support.google.com/mail/answer/7126229", "SMTP Too many login attempts"),
        Reply(
            "454 4.7.0 Cannot authenticate due to a temporary system problem. Try again later. x - gsmtp",
            "SMTP Cannot authenticate due to a temporary system problem"),
        Reply(
            "421 4.7.0 Try again later, closing connection. (EHLO) x - gsmtp",
            "SMTP Try again later, closing connection"),
        Reply("421 4.7.0 Temporary System Problem. Try again later.", "SMTP Temporary System Problem"),
        Reply("421 4.3.0 Temporary System Problem.", "SMTP Temporary System Problem"),
        Reply("421 4.4.5 Server busy, try again later.", "SMTP 421 4.4.5 Server busy"),
        Reply(
            "421-4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address.",
            "SMTP unusual rate"),
        Reply(
            "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail 550-5.4.5 sending limits go to "
                + "550 5.4.5 https://support.google.com/a/answer/166852 x - gsmtp",
            "SMTP Daily user sending limit"),
        Reply("450 4.2.1 The user you are trying to contact is receiving mail too quickly.", "SMTP 450 4.2.1"),
        Reply("452 4.2.2 The recipient's inbox is over quota.", "SMTP 452 4.2.2"),
        Reply("452 4.5.3 Domain policy size per transaction exceeded", "SMTP 4.5.3"),
        Reply("451 4.4.2 Timeout - closing connection.", "SMTP 451 4.4.2 Timeout"),
        Reply("454 4.5.0 SMTP protocol violation, no commands allowed to pipeline after STARTTLS", "SMTP 454 4.5.0"),
        Reply("550 5.7.1 This message violates example.com email policy. x - gcdp", "SMTP gcdp"),
        // RFC 4954 §6, RFC 5321.
        Reply("535 5.7.8 Authentication credentials invalid", "SMTP 535 5.7.8"),
        Reply("454 4.7.0 Temporary authentication failure", "SMTP 454 4.7.0"),
        Reply("432 4.7.12 A password transition is needed", "SMTP 432 4.7.12"),
        Reply("530 5.7.0 Authentication required", "SMTP 530 5.7.0"),
        Reply("530 5.7.0 Must issue a STARTTLS command first", "SMTP Must issue a STARTTLS"),
        Reply("500 5.5.6 Authentication Exchange line is too long", "SMTP 500 5.5.6"),
    ]

    private static let basic = "SMTP Basic authentication is not supported for Client Submission"
    private static let sendAs = "SMTP Client does not have permissions to send as this sender"

    static let tokens: [Reply] =
        [
            "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
            "invalid_scope", "access_denied", "unsupported_response_type", "server_error", "temporarily_unavailable",
            "invalid_resource", "login_required", "interaction_required", "consent_required", "authorization_pending",
            "slow_down", "expired_token", "authorization_declined", "bad_verification_code", "invalid_tenant",
            "internal_failure", "admin_policy_enforced", "org_internal", "invalid_token",
        ].map { Reply("{\"error\":\"\($0)\",\"error_description\":\"In words.\"}", "OAuth \($0)") }
        + [
            Reply(
                "invalid_grant: AADSTS700082: The refresh token has expired due to inactivity. Trace ID: x",
                "AADSTS700082"),
            Reply(
                "{\"error\":\"invalid_client\",\"error_description\":\"x\",\"error_codes\":[7000222]}",
                "AADSTS7000222"),
            Reply(
                "invalid_grant: Token has been expired or revoked.",
                "OAuth invalid_grant … Token has been expired or revoked"),
            Reply("invalid_grant: Bad Request", "OAuth invalid_grant … Bad Request"),
            Reply("invalid_grant: Invalid email or User ID", "OAuth invalid_grant … Invalid email or User ID"),
            Reply("invalid_grant: Not a valid email", "OAuth invalid_grant … Not a valid email"),
            Reply(
                "invalid_grant: The account has been deleted", "OAuth invalid_grant … The account has been deleted"),
            Reply(
                "invalid_grant: reauth related error (invalid_rapt)", "OAuth invalid_grant … reauth related error"),
            Reply(
                "invalid_grant: reauth related error (rapt_required)", "OAuth invalid_grant … reauth related error"),
            Reply(
                "invalid_grant: Invalid JWT: No valid verifier found for issuer",
                "OAuth invalid_grant … Invalid JWT … No valid verifier found for issuer"),
            Reply("invalid_grant: Invalid JWT Signature.", "OAuth invalid_grant … Invalid JWT Signature"),
            Reply(
                "invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                    + "Check your iat and exp values in the JWT claim.",
                "OAuth invalid_grant … Invalid JWT … Token must be a short-lived token"),
            Reply(
                "invalid_grant: Invalid JWT: Failed audience check. The right audience is "
                    + "https://oauth2.googleapis.com/token", "OAuth invalid_grant … Invalid JWT"),
            Reply(
                "invalid_grant: Invalid grant: account not found", "OAuth invalid_grant … account not found"),
            Reply("disabled_client: The OAuth client was disabled.", "OAuth disabled_client"),
            Reply("deleted_client: The OAuth client was deleted.", "OAuth deleted_client"),
            Reply(
                "invalid_request: Invalid impersonation \"sub\" field",
                "OAuth invalid_request … Invalid impersonation"),
            Reply(
                "unauthorized_client: Client is unauthorized to retrieve access tokens using this method, or client not "
                    + "authorized for any of the scopes requested.",
                "OAuth unauthorized_client … Client is unauthorized to retrieve access tokens using this method"),
            Reply(
                "access_denied: Requested client not authorized",
                "OAuth access_denied … Requested client not authorized"),
            Reply("access_denied: Account restricted", "OAuth access_denied … Account restricted"),
            Reply("internal_failure: Backend Error", "OAuth internal_failure"),
            Reply("Error 403: disallowed_useragent", "OAuth disallowed_useragent"),
        ]

    static let journal: [Reply] = [
        Reply(
            "Nov 26 23:40:54 mail postbote[4711]: <4>account changed state account=support direction=receive "
                + "old=ok new=needs_authorization reason=\"refresh token: The refresh token was not used for too long "
                + "(usually 90 days). What to do (AADSTS700082, mailbox owner): Sign in again. (server: invalid_grant: "
                + "AADSTS700082: The refresh token has expired due to inactivity.)\"", "AADSTS700082"),
        Reply(
            "postbote[535]: account changed state account=erp direction=send old=ok new=needs_admin reason=\"sign in: SMTP "
                + "AUTH is switched off … (server: 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is "
                + "disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information.)\"",
            "SMTP SmtpClientAuthentication is disabled for the Mailbox"),
        Reply(
            "postbote[1]: failure operation=\"connect\" reason=\"imap.contoso.de:993 refused the connection: nothing "
                + "listens there. Check host and port.\"", "Postbote refused the connection … nothing listens there"),
        Reply(
            "reason=The name imap.contoso.de could not be found. Check the host and this machine's name servers.",
            "Postbote The name … could not be found"),
    ]
}
