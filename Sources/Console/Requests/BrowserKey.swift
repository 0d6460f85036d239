import Crypto
import Diagnostics
import MailModel

/// What a browser is known by, in a cookie: a sign-in that was begun in it can be answered in no other one.
public struct BrowserKey: Sendable, Equatable {
    private let secret: Secret

    /// Of a browser that comes for the first time.
    public init() { secret = .random() }

    /// `nil` for a cookie that is none of ours.
    init?(cookie: some StringProtocol) {
        guard Secret.isRandom(cookie) else { return nil }
        secret = Secret(String(cookie))
    }

    /// What is remembered of it.
    public var digest: String { digest("browser", nil) }

    /// Stands in a link's form: who knows the link and not the cookie, such as another site, cannot send the form.
    func mark(for link: Secret) -> Secret { Secret(digest("form", link)) }

    /// `Set-Cookie` (RFC 6265).
    ///
    /// - Parameter isSecure: people reach the pages with https. Then no other host and no page without TLS can set it
    ///   (RFC 6265bis §4.1.3.2).
    func cookie(isSecure: Bool) -> String {
        // Lax, because the provider sends the browser back from another site.
        "\(BrowserKey.cookieName(isSecure: isSecure))=\(secret.reveal()); Path=/; HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }

    static func cookieName(isSecure: Bool) -> String { isSecure ? "__Host-postbote" : "postbote" }

    private func digest(_ purpose: String, _ link: Secret?) -> String {
        var hash = SHA256()
        hash.update(data: Array("postbote \(purpose)\0".utf8))
        secret.withBytes { hash.update(data: $0) }
        link?.withBytes { hash.update(data: $0) }
        return Array(hash.finalize()).hexadecimal
    }
}
