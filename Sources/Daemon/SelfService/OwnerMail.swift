import Console
import Diagnostics
import MailModel

/// The mail with a link, to the owner of a mailbox: in German and in English, because nobody knows which one they read.
struct OwnerMail {
    /// One mail, however often it is asked for.
    var key: String
    /// The addresses of the mailboxes that wait for it.
    var mailboxes: [String]
    var person: String
    /// Where they sign in.
    var provider: String
    var url: String
    var expires: Timestamp

    var notice: NoticeMail {
        let shown = mailboxes.prefix(Limits.accountsNamed).joined(separator: ", ")
        let more = mailboxes.count - Limits.accountsNamed
        let german = shown + (more > 0 ? " und \(more) weitere" : "")
        let english = shown + (more > 0 ? " and \(more) more" : "")
        return NoticeMail(
            key: key, subject: "Bitte anmelden / please sign in",
            text: """
                Guten Tag,

                Postbote holt und sendet die Mails dieses Postfachs: \(german)
                Dafür braucht es Ihre Zustimmung. Bitte öffnen Sie diesen Link und melden Sie sich als \(person) an:

                \(url)

                Der Link gilt einmal, bis \(Moment(expires).words(.german)). Ihr Kennwort geben Sie nur bei \(provider) ein. Wenn \
                Sie das nicht erwartet haben, fragen Sie Ihre Administration, bevor Sie den Link öffnen.

                --

                Hello,

                Postbote fetches and sends the mail of this mailbox: \(english)
                It needs your consent for that. Please open this link and sign in as \(person):

                \(url)

                The link works once, until \(Moment(expires).words(.english)). You enter your password only at \(provider). If \
                you did not expect this, ask your administrator before you open the link.

                """)
    }
}
