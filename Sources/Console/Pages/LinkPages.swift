import Operations

/// The other pages of a link.
enum LinkPages {
    static func notFound(_ language: Language) -> Page {
        Page(404, language, Phrases.notFound, Phrases.notFoundText)
    }

    static func closed(_ end: LinkEnd, _ language: Language) -> Page {
        switch end {
        case .used: Page(410, language, Phrases.used, Phrases.usedText)
        case .replaced: Page(410, language, Phrases.replaced, Phrases.replacedText)
        case .expired: Page(410, language, Phrases.expired, Phrases.askForNew)
        case .revoked: Page(410, language, Phrases.revoked, Phrases.askForNew)
        case .exhausted: Page(410, language, Phrases.exhausted, Phrases.exhaustedText, Phrases.askForNew)
        }
    }

    /// The browser goes on by itself, or with a click.
    static func away(to url: String, _ provider: String, _ language: Language) -> Page {
        let title = Phrases.away(language, provider)
        var page = Page(
            200, language, title: title,
            """
            <h1>\(title)</h1>
            <p>\(Phrases.awayText(language))</p>
            <p><a class="button" href="\(url)" rel="noreferrer">\(Phrases.go(language, provider))</a></p>

            """)
        page.onward = url
        return page
    }

    /// - Parameter link: where it is tried again; `nil`: nowhere.
    static func refused(_ problem: OwnerProblem, _ status: Int, retryAt link: String?, _ language: Language) -> Page {
        let isStranger = if case .wrongPerson = problem.kind { true } else { false }
        let title = (isStranger ? Phrases.wrongPerson : Phrases.notSignedIn)(language)
        let again = link.map {
            "<p><a class=\"button\" href=\"\($0)\">\(Phrases.tryAgain(language))</a></p>\n" as HTML
        }
        return Page(
            status, language, title: title,
            """
            <h1>\(title)</h1>
            \(HTML(sentences(problem.kind, language).map { "<p>\($0)</p>\n" }))<p>\(Phrases.nothingStored(language))</p>
            \(again)\(forAdministrator(problem.forAdministrator.map { [$0] } ?? [], language))
            """)
    }

    private static func sentences(_ kind: OwnerProblem.Kind, _ language: Language) -> [String] {
        switch kind {
        case .declined: [Phrases.declined(language)]
        case .wrongPerson(let expected, let came):
            [Phrases.wrongPersonText(language, expected, came), Phrases.wrongPersonCure(language, expected)]
        case .changedPerson: [Phrases.changedPerson(language)]
        case .again: [Phrases.again(language)]
        case .later: [Phrases.later(language)]
        case .needsApproval: [Phrases.needsApproval(language)]
        case .misconfigured: [Phrases.misconfigured(language)]
        }
    }

    static func forAdministrator(_ lines: [String], _ language: Language) -> HTML {
        guard !lines.isEmpty else { return "" }
        return """
            <details>
            <summary>\(Phrases.forAdministrator(language))</summary>
            \(HTML(lines.map { "<p lang=\"en\">\($0)</p>\n" }))</details>

            """
    }
}

/// What came of a sign-in that worked, and the live check.
struct SignedInPage {
    let person: String?
    let isLasting: Bool
    let check: OwnerCheck
    let language: Language

    var page: Page {
        let title = Phrases.signedIn(language)
        let who = person.map { "<p>\(Phrases.signedInAs(language, $0))</p>\n" as HTML }
        var page = Page(
            200, language, title: title,
            """
            <h1>\(title)</h1>
            \(who)\(isLasting ? "" : "<p>\(Phrases.notLasting(language))</p>\n" as HTML)<ol class="steps">
            \(HTML(check.states.map { step($0.part, $0.state) }))</ol>
            <p role="status">\(verdict(language))</p>
            \(LinkPages.forAdministrator(check.forAdministrator, language))
            """)
        page.isLive = !check.isOver
        return page
    }

    private var verdict: Phrase {
        if !check.isOver { return Phrases.checking }
        if check.hasFailed { return Phrases.notAllWorks }
        return check.states.contains { $0.state == .skipped } ? Phrases.notChecked : Phrases.allWorks
    }

    private func step(_ part: OwnerCheck.Part, _ state: OwnerCheck.State) -> HTML {
        """
        <li class="\(state.rawValue)" data-part="\(part.rawValue)">\(Icons.of(state))<span>\(part.name(language))</span> \
        <small>\(state.name(language))</small></li>

        """
    }
}

extension OwnerCheck.Part {
    fileprivate var name: Phrase {
        switch self {
        case .signIn: Phrases.partSignIn
        case .mailbox: Phrases.partMailbox
        case .folders: Phrases.partFolders
        case .sending: Phrases.partSending
        case .testMail: Phrases.partTestMail
        }
    }
}

extension OwnerCheck.State {
    fileprivate var name: Phrase {
        switch self {
        case .waiting: Phrases.stateWaiting
        case .running: Phrases.stateRunning
        case .ok: Phrases.stateOK
        case .failed: Phrases.stateFailed
        case .skipped: Phrases.stateSkipped
        }
    }
}
