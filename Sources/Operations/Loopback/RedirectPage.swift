import Hummingbird

/// What the person sees in the browser that came back. No script, nothing from elsewhere, nothing kept.
public struct RedirectPage: Sendable {
    public var status: Int
    public var heading: String
    public var paragraphs: [String]

    public init(_ status: Int = 200, heading: String, _ paragraphs: String...) {
        self.status = status
        self.heading = heading
        self.paragraphs = paragraphs
    }

    static let stray = RedirectPage(
        404, heading: "Nothing here", "This address is only for the way back from a sign-in that Postbote waits for.")
    static let wrongHost = RedirectPage(
        421, heading: "Another host", "This address is reached as localhost, with the port that Postbote printed.")
    static let wrongMethod = RedirectPage(405, heading: "Nothing to do here", "This address answers GET only.")

    var response: Response {
        let text = paragraphs.reduce(into: HTML("")) { $0 += "<p>\($1)</p>\n" }
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>\(heading) – Postbote</title></head>
            <body><h1>\(heading)</h1>
            \(text)</body></html>

            """
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .connection: "close",
        ]
        // The address of this page has the code in it: it goes nowhere.
        for (name, value) in [
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
        ] { HTTPFields.Element.Name(name).map { headers[$0] = value } }
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: page.text)))
    }
}
