import Diagnostics
import Operations

/// The page of a link: which mailbox, what will be allowed, one button.
struct InvitationPage {
    let invitation: Invitation
    let language: Language
    /// The form's proof that it came from this page.
    let mark: Secret

    var page: Page {
        let title = Phrases.invite(language)
        return Page(
            200, language, title: title,
            """
            <h1>\(title)</h1>
            <dl>
            <dt>\(names)</dt>
            \(mailboxes)<dt>\(Phrases.signInAs(language, invitation.provider))</dt>
            <dd>\(invitation.person)</dd>
            </dl>
            <h2>\(Phrases.allow(language))</h2>
            <ul>
            \(allowed)</ul>
            <form method="post">
            <input type="hidden" name="mark" value="\(mark.reveal())">
            <button>\(Phrases.go(language, invitation.provider))</button>
            </form>
            <p class="quiet">\(Phrases.noPassword(language, invitation.provider))
            \(Phrases.validUntil(language, Moment(invitation.expires).words(language)))</p>
            <p class="quiet">\(Phrases.unexpected(language))</p>

            """)
    }

    private var names: String {
        (invitation.mailboxes.count == 1 ? Phrases.mailbox : Phrases.mailboxes)(language)
    }

    private var mailboxes: HTML {
        var list = HTML(
            invitation.mailboxes.prefix(Limits.mailboxesNamed).map { "<dd><strong>\($0)</strong></dd>\n" })
        let more = invitation.mailboxes.count - Limits.mailboxesNamed
        if more > 0 { list += "<dd>\(Phrases.andMore(language, "\(more)"))</dd>\n" }
        return list
    }

    private var allowed: HTML {
        let sentences = [
            invitation.receives ? Phrases.allowReading : nil, invitation.sends ? Phrases.allowSending : nil,
            Phrases.allowLasting,
        ]
        return HTML(sentences.compactMap(\.self).map { "<li>\($0(language, invitation.host))</li>\n" })
    }
}

/// A moment for people: to the minute, in UTC, which it says.
public struct Moment {
    private let text: String

    public init(_ moment: Timestamp) { text = moment.description }

    public func words(_ language: Language) -> String {
        // 2026-11-27T04:35:00Z
        let parts = text.split { "-T:.Z".contains($0) }
        guard parts.count >= 5 else { return text }
        return switch language {
        case .english: "\(parts[0])-\(parts[1])-\(parts[2]) \(parts[3]):\(parts[4]) UTC"
        case .german: "\(parts[2]).\(parts[1]).\(parts[0]), \(parts[3]):\(parts[4]) Uhr UTC"
        }
    }
}
