import CLibcurl
import MailModel

/// A callback of libcurl that takes or gives bytes.
typealias DataFunction = @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int

extension CurlEasy {
    /// TLS 1.2 or later, verified against `bundle`.
    func set(trust: TrustSettings, bundle: CABundle) {
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, trust.verifyCertificate ? 1 : 0)
        set(CURLOPT_SSL_VERIFYHOST, trust.verifyCertificate ? 2 : 0)
        // One file and no directory, or libcurl parses the certificates for each connection. The same for an https
        // proxy: two files in one multi handle would push each other out.
        set(CURLOPT_CAINFO, bundle.path)
        set(CURLOPT_CAPATH, nil)
        set(CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_PROXY_CAINFO, bundle.path)
        set(CURLOPT_PROXY_CAPATH, nil)
    }

    /// Always said: libcurl takes proxies from the environment otherwise, for mail protocols too.
    func set(proxy: Proxy?) {
        set(CURLOPT_NOPROXY, "")
        set(CURLOPT_PROXY, proxy?.url ?? "")
        guard let proxy else { return }
        set(CURLOPT_HTTPPROXYTUNNEL, 1)
        // The proxy's header fields are not the server's lines.
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // Without Kerberos, which would be offered to every SOCKS proxy.
        set(CURLOPT_SOCKS5_AUTH, Int(LIBCURL_AUTH_BASIC))
        if let user = proxy.user { set(CURLOPT_PROXYUSERNAME, user) }
        if let password = proxy.password { set(CURLOPT_PROXYPASSWORD, password.reveal()) }
    }
}
