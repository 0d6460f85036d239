import MailModel
import MailProtocol
import TestSupport

/// What a server of each kind says and hears while somebody signs in, in clear on loopback.
enum SignInDialog: String, CaseIterable, Sendable {
    case imap, pop3, smtp

    private func opening(_ mechanism: String) -> String {
        switch self {
        case .imap:
            """
            S: * OK ready
            C: $t1 CAPABILITY
            S+ * CAPABILITY IMAP4rev1 SASL-IR AUTH=\(mechanism)
            S: $t1 OK done

            """
        case .pop3:
            """
            S: +OK ready
            C: CAPA
            S+ +OK
            S+ SASL \(mechanism)
            S: .

            """
        case .smtp:
            """
            S: 220 ready
            C: EHLO $name
            S+ 250-localhost
            S: 250 AUTH \(mechanism)

            """
        }
    }

    private func credential(_ mechanism: String, _ response: String) -> String {
        switch self {
        case .imap: "C: $t2 AUTHENTICATE \(mechanism) \(response)\n"
        case .pop3: "C: AUTH \(mechanism)\nS: + \nC: \(response)\n"
        case .smtp: "C: AUTH \(mechanism) \(response)\n"
        }
    }

    /// For XOAUTH2.
    private static func response(_ token: String, _ user: String = OpenerUnderTest.address) -> String {
        let response = "user=\(user)\u{1}auth=Bearer \(token)\u{1}\u{1}"
        return String(decoding: Base64.encode(Array(response.utf8)), as: UTF8.self)
    }

    private func withToken(_ token: String, as user: String = OpenerUnderTest.address) -> String {
        opening("XOAUTH2") + credential("XOAUTH2", SignInDialog.response(token, user))
    }

    /// The submission server takes, or refuses with `reply`, whoever comes with this token under this name.
    static func submission(_ token: String, as user: String, reply: String) -> String {
        let end = reply.hasPrefix("2") ? "C: QUIT\nS: 221 bye\n" : ""
        return smtp.withToken(token, as: user) + "S: \(reply)\n" + end
    }

    private var refusal: String {
        switch self {
        case .imap: "S: $t2 NO [AUTHENTICATIONFAILED] Invalid credentials\n"
        case .pop3: "S: -ERR [AUTH] Authentication failed\n"
        case .smtp: "S: 535 5.7.8 Username and Password not accepted\n"
        }
    }

    /// What follows a sign-in with IMAP, up to the good-bye.
    private static func folders(from tag: Int) -> String {
        """
        C: $t\(tag) LIST $*
        S+ * LIST () "/" INBOX
        S: $t\(tag) OK done
        C: $t\(tag + 1) LSUB $*
        S: $t\(tag + 1) OK done
        C: $t\(tag + 2) LOGOUT
        S+ * BYE
        S: $t\(tag + 2) OK done
        """
    }

    /// Signs in with this token, and ends well.
    func accepting(_ token: String) -> String {
        switch self {
        case .imap:
            withToken(token) + """
                S: $t2 OK [CAPABILITY IMAP4rev1] done
                \(SignInDialog.folders(from: 3))
                """
        case .pop3: withToken(token) + "S: +OK\nC: QUIT\nS: +OK\n"
        case .smtp: withToken(token) + "S: 235 2.7.0 Accepted\nC: QUIT\nS: 221 bye\n"
        }
    }

    /// Offers OAUTHBEARER and refuses it without having looked at the token; the other mechanism is for this token.
    func acceptingWithXOAUTH2(_ token: String) -> String {
        let both = opening(self == .imap ? "OAUTHBEARER AUTH=XOAUTH2" : "OAUTHBEARER XOAUTH2")
        let response = SignInDialog.response(token)
        switch self {
        case .imap:
            return both + credential("OAUTHBEARER", "$*") + """
                S: $t2 NO Not this way
                C: $t3 AUTHENTICATE XOAUTH2 \(response)
                S: $t3 OK [CAPABILITY IMAP4rev1] done
                \(SignInDialog.folders(from: 4))
                """
        case .pop3:
            return both + credential("OAUTHBEARER", "$*") + "S: -ERR Not this way\n" + credential("XOAUTH2", response)
                + "S: +OK\nC: QUIT\nS: +OK\n"
        case .smtp:
            return both + credential("OAUTHBEARER", "$*") + "S: 535 Not this way\n" + credential("XOAUTH2", response)
                + "S: 235 2.7.0 Accepted\nC: QUIT\nS: 221 bye\n"
        }
    }

    /// Exchange takes any good token, and says at the first command that it does not open this mailbox (IMAP).
    static func acceptingWithoutMailbox(_ token: String) -> String {
        imap.withToken(token) + """
            S: $t2 OK AUTHENTICATE completed.
            C: $t3 CAPABILITY
            S+ * CAPABILITY IMAP4 IMAP4rev1 AUTH=XOAUTH2 SASL-IR UIDPLUS
            S: $t3 OK CAPABILITY completed.
            C: $t4 LIST $*
            S+ $t4 BAD User is authenticated but not connected.
            S: * BYE Connection closed. 14
            """
    }

    func refusing(_ token: String) -> String { withToken(token) + refusal }
    func hangingUp(_ token: String) -> String { withToken(token) + "CLOSE\n" }

    var refusingPassword: String { opening("PLAIN") + credential("PLAIN", "$*") + refusal }
}
