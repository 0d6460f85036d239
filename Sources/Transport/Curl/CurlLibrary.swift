import CLibcurl
import Glibc

/// What libcurl needs once a process.
enum CurlLibrary {
    /// The file of certificates that libcurl trusts by itself.
    static let systemCAFile: String = {
        let version = libcurl_version()
        guard let path = version?.pointee.cainfo else { return "/etc/ssl/certs/ca-certificates.crt" }
        return String(cString: path)
    }()

    static func start() { _ = started }

    private static let started: Void = {
        // A connection that the peer closed must be an error of the write, not the end of the process; CURLOPT_NOSIGNAL
        // keeps libcurl from doing this around each call, and SSL_shutdown writes too.
        signal(SIGPIPE, SIG_IGN)
        OpenSSL.surviveExit()
        let code = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        precondition(code == CURLE_OK, "libcurl cannot start: \(code.rawValue)")
    }()
}
