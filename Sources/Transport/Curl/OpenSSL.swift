import CLibcurl
import Glibc

/// What libcurl has no words for: what TLS waits for, and how much it reads at once.
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

    private typealias Initialise = @convention(c) (UInt64, OpaquePointer?) -> Int32
    private static let initialise: Initialise? = dlsym(nil, "OPENSSL_init_crypto").map {
        unsafeBitCast($0, to: Initialise.self)
    }

    /// Leaves OpenSSL as it is when the process ends. By itself it would free its locks in an exit handler, while other
    /// threads still close connections, and the process would end with a signal instead of its exit status.
    ///
    /// It must come before anything else that OpenSSL is asked for (OPENSSL_INIT_NO_ATEXIT, OPENSSL_init_crypto(3)).
    static func surviveExit() { _ = initialise?(0x0008_0000, nil) }

    private typealias SetReadAhead = @convention(c) (OpaquePointer, Int32) -> Void
    private static let setReadAhead: SetReadAhead? = dlsym(nil, "SSL_set_read_ahead").map {
        unsafeBitCast($0, to: SetReadAhead.self)
    }
    private typealias SetReadBuffer = @convention(c) (OpaquePointer, Int) -> Void
    private static let setReadBuffer: SetReadBuffer? = dlsym(nil, "SSL_set_default_read_buffer_len").map {
        unsafeBitCast($0, to: SetReadBuffer.self)
    }

    /// Reads whatever has arrived with one system call, up to a buffer, instead of two for each record; servers send
    /// records of 4 KB. The buffer exists only while it holds something.
    ///
    /// Not before libcurl has handed over the connection: it asks the socket for what would be in the buffer then.
    func readAhead() {
        guard let setReadAhead = OpenSSL.setReadAhead, let setReadBuffer = OpenSSL.setReadBuffer else { return }
        setReadBuffer(connection, Limits.readAhead)
        setReadAhead(connection, 1)
    }

    private typealias Version = @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?
    private static let version: Version? = dlsym(nil, "SSL_get_version").map {
        unsafeBitCast($0, to: Version.self)
    }

    /// `TLSv1.3`.
    var version: String? { OpenSSL.version?(connection).map { String(cString: $0) } }

    /// What the call that just said "again" waits for; `nil` when it does not wait for the socket (SSL_want(3)).
    var wanted: Poller.Readiness? {
        switch OpenSSL.want?(connection) {
        case 2: .writable
        case 3: .readable
        default: nil
        }
    }
}
