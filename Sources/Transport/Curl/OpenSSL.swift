import CLibcurl
import Glibc

/// The one question that libcurl has no answer to: what TLS waits for.
///
/// `curl_easy_recv` and `curl_easy_send` say only "again", but a TLS read may have to write first (an answer to a key
/// update, RFC 8446 §4.6.3) and a write may have to read (a renegotiation, RFC 5746). OpenSSL is asked itself, through
/// the pointer that libcurl hands out for that; it is looked up among the loaded libraries, because it comes with libcurl.
struct OpenSSL {
    private let connection: OpaquePointer

    private typealias Want = @convention(c) (OpaquePointer) -> Int32
    private static let want: Want? = dlsym(nil, "SSL_want").map { unsafeBitCast($0, to: Want.self) }

    /// `nil` when there is no TLS on this connection, or it is not OpenSSL's. Valid as long as the connection is open.
    init?(of easy: CurlEasy) {
        var session: UnsafeMutablePointer<curl_tlssessioninfo>?
        guard OpenSSL.want != nil, libcurl_get_tls_session(easy.handle, &session) == CURLE_OK, let session,
            session.pointee.backend == CURLSSLBACKEND_OPENSSL, let pointer = session.pointee.internals
        else { return nil }
        connection = OpaquePointer(pointer)
    }

    /// What the call that just said "again" waits for; `nil` when it does not wait for the socket (SSL_want(3)).
    var wanted: Poller.Readiness? {
        switch OpenSSL.want?(connection) {
        case 2: .writable
        case 3: .readable
        default: nil
        }
    }
}
