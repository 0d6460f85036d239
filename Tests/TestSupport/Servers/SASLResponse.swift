import Foundation

/// Initial responses as a client would send them, in base64, for tests of the servers themselves.
public enum SASLResponse {
    public static func xoauth2(user: String, token: String) -> String {
        base64("user=\(user)\u{1}auth=Bearer \(token)\u{1}\u{1}")
    }

    /// RFC 7628 §3.1.
    public static func oauthbearer(user: String, token: String, host: String = "localhost", port: Int) -> String {
        base64("n,a=\(user),\u{1}host=\(host)\u{1}port=\(port)\u{1}auth=Bearer \(token)\u{1}\u{1}")
    }

    /// RFC 4616.
    public static func plain(user: String, password: String) -> String { base64("\u{0}\(user)\u{0}\(password)") }

    /// What follows `Basic ` in an HTTP header field (RFC 7617), of `name:password`.
    public static func basic(_ text: String) -> String { base64(text) }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
