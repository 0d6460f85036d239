/// The provider's pages at which a person chooses who they are and then allows or declines, as they are at Entra and at
/// Google: for a real browser with somebody before it.
enum SignInForm {
    enum Step {
        case page(HTTPAnswer)
        case allowed(user: String)
        case declined
    }

    /// - Parameters:
    ///   - people: whom the browser knows, each a button.
    ///   - user: who is taken without being asked.
    static func step(_ request: HTTPRequest, people: [String], remembered user: String?) -> Step {
        let form = request.form
        guard let user = form?["user"] ?? user else {
            return .page(choice(of: people, hint: request.query["login_hint"]))
        }
        switch form?["decision"] {
        case "accept": return .allowed(user: user)
        case "cancel": return .declined
        default: return .page(consent(of: user, scope: request.query["scope"] ?? ""))
        }
    }

    private static func choice(of people: [String], hint: String?) -> HTTPAnswer {
        // A hint comes first, and decides nothing.
        let sorted = people.filter { $0 == hint } + people.filter { $0 != hint }
        let buttons = sorted.map { "<p><button name=\"user\" value=\"\($0)\">\($0)</button></p>" }.joined()
        return page("Pick an account", "<form method=\"post\">\(buttons)</form>")
    }

    private static func consent(of user: String, scope: String) -> HTTPAnswer {
        let scopes = scope.split(separator: " ").map { "<li>\($0)</li>" }.joined()
        return page(
            "Permissions requested",
            """
            <p>\(user)</p><ul>\(scopes)</ul>
            <form method="post"><input type="hidden" name="user" value="\(user)">
            <button id="cancel" name="decision" value="cancel">Cancel</button>
            <button id="accept" name="decision" value="accept">Accept</button></form>
            """)
    }

    private static func page(_ title: String, _ content: String) -> HTTPAnswer {
        let html =
            "<!DOCTYPE html><html><head><title>\(title)</title></head><body><h1>\(title)</h1>\(content)</body></html>"
        return HTTPAnswer(200, headers: [("Content-Type", "text/html; charset=utf-8")], body: Array(html.utf8))
    }
}
