import Hummingbird
import Operations

/// One page: what stands in its card, and the frame around it.
struct Page: Sendable {
    var status = 200
    var language: Language
    var title: String
    var content: HTML
    /// It changes by itself: fetched again until it does not any more.
    var isLive = false
    /// Where the browser goes on by itself.
    var onward: String?

    init(_ status: Int = 200, _ language: Language, title: String, _ content: HTML) {
        self.status = status
        self.language = language
        self.title = title
        self.content = content
    }

    /// A heading and sentences.
    init(_ status: Int, _ language: Language, _ heading: Phrase, _ sentences: Phrase...) {
        let paragraphs = HTML(sentences.map { "<p>\($0(language))</p>\n" })
        self.init(status, language, title: heading(language), "<h1>\(heading(language))</h1>\n\(paragraphs)")
    }

    var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="\(language.rawValue)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title) – Postbote</title>
        <link rel="stylesheet" href="/assets/console.css">
        <script src="/assets/console.js" defer></script>
        \(refresh)</head>
        <body>
        <header>\(Icons.letter)<span>Postbote</span></header>
        \(isLive ? "<main data-live>" as HTML : "<main>")
        \(content)</main>
        </body>
        </html>

        """
    }

    private var refresh: HTML {
        // Without script the whole page is loaded again.
        if isLive { return "<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>\n" }
        return onward.map { "<meta http-equiv=\"refresh\" content=\"0; url=\($0)\">\n" } ?? ""
    }

    /// - Parameter isSecure: people reach it with https.
    func response(isSecure: Bool) -> Response {
        var response = Response(
            status: HTTPResponse.Status(code: status),
            headers: [.contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .vary: "Accept-Language"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html.text)))
        response.protect(isSecure: isSecure)
        return response
    }
}

extension Response {
    /// What every answer says about itself: nothing from elsewhere, nothing to elsewhere, in nobody's frame.
    mutating func protect(isSecure: Bool) {
        var fields = [
            // The way to the provider is a page of its own and no redirect of the form's answer: browsers hold that
            // against form-action, and providers go on to hosts that nobody can list.
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
                    + "base-uri 'none'; frame-ancestors 'none'"
            ),
            // A link's token is in its address.
            ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
            ("X-Robots-Tag", "noindex"),
        ]
        if isSecure { fields.append(("Strict-Transport-Security", "max-age=31536000")) }
        for (name, value) in fields { HTTPFields.Element.Name(name).map { headers[$0] = value } }
    }
}
