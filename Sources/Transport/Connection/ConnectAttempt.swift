import CLibcurl
import Diagnostics
import MailModel

/// One connection in the making: libcurl's handle, and what the server says meanwhile. Confined to the loop.
final class ConnectAttempt {
    let easy = CurlEasy()
    private(set) var collector: PreambleCollector
    private let request: ConnectionRequest
    private var hasStartedTLS = false
    /// `nil` where nobody wants to know.
    private let trial: TrialClock?

    var isTrial: Bool { trial != nil }

    /// - Parameter isTrial: libcurl keeps what `ConnectionTrial` tells.
    init(_ request: ConnectionRequest, bundle: CABundle, isTrial: Bool = false) {
        trial = isTrial ? TrialClock(easy.rememberAddresses()) : nil
        self.request = request
        collector = PreambleCollector(service: request.service)
        setTarget()
        setTrust(bundle)
        easy.set(proxy: request.usedProxy)
        setTimes()
        if isTrial { easy.set(CURLOPT_CERTINFO, 1) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_HEADERFUNCTION, function: headerFunction)
        easy.set(CURLOPT_HEADERDATA, pointer: context)
        libcurl_set_tls_function(easy.handle, tlsFunction).expect("CURLOPT_SSL_CTX_FUNCTION")
        easy.set(CURLOPT_SSL_CTX_DATA, pointer: context)
    }

    /// How far the connection has come. libcurl tells the time of the TCP connection only together with that of TLS, so
    /// TLS is known by its own beginning.
    var stage: CurlFailure.Stage {
        if collector.hasGreeting { return .capabilities }
        if easy.offset(CURLINFO_APPCONNECT_TIME_T) > 0 { return .greeting }
        if hasStartedTLS { return .tls }
        if easy.offset(CURLINFO_CONNECT_TIME_T) > 0 { return .greeting }
        return easy.offset(CURLINFO_NAMELOOKUP_TIME_T) > 0 ? .connecting : .nameLookup
    }

    func facts(_ code: CURLcode) -> CurlFailure.Facts {
        CurlFailure.Facts(
            code: code, text: easy.errorText, verifyResult: easy.long(CURLINFO_SSL_VERIFYRESULT),
            osError: Int32(truncatingIfNeeded: easy.long(CURLINFO_OS_ERRNO)), stage: stage,
            serverLine: collector.lastLine)
    }

    /// How far it came, for whoever wanted to know. `failure` is what ended it, `tls` what is known of TLS only once it stands.
    func trial(_ failure: Failure?, tls: OpenSSL?) -> ConnectionTrial {
        var trial = ConnectionTrial(stage: failure == nil ? .ready : ConnectionTrial.Stage(stage), failure: failure)
        trial.tried = self.trial?.addresses.list ?? []
        let answered = easy.text(CURLINFO_PRIMARY_IP)
        if trial.stage > .connecting { trial.address = answered.isEmpty ? trial.tried.last : answered }
        trial.connected = self.trial?.connected
        trial.isThroughProxy = request.usedProxy != nil
        guard request.endpoint.tls != .none else { return trial }
        trial.isSecure = failure == nil || easy.offset(CURLINFO_APPCONNECT_TIME_T) > 0
        trial.tlsVersion = tls?.version
        trial.certificate = CertificateFacts(easy.certificate)
        return trial
    }

    /// The callbacks end here: the handle outlives this object.
    func finish() {
        libcurl_set_tls_function(easy.handle, nil).expect("CURLOPT_SSL_CTX_FUNCTION")
        easy.set(CURLOPT_HEADERDATA, pointer: nil)
    }

    fileprivate func received(_ line: UnsafeRawBufferPointer) -> Bool {
        trial?.stop()
        return collector.line(line)
    }
    fileprivate func startedTLS() {
        hasStartedTLS = true
        trial?.stop()
        collector.secure()
    }

    /// No credentials: libcurl then stops after the capabilities, and signing in is ours.
    private func setTarget() {
        let endpoint = request.endpoint
        let scheme = request.service.rawValue + (endpoint.tls == .implicit ? "s" : "")
        let host = HostName.inURL(request.trust.certificateName ?? endpoint.host)
        let path = request.service == .smtp ? request.heloName ?? "" : ""
        easy.set(CURLOPT_URL, "\(scheme)://\(host):\(endpoint.port)/\(path)")
        easy.set(CURLOPT_CONNECT_ONLY, 1)
        easy.set(CURLOPT_USE_SSL, Int(endpoint.tls == .none ? CURLUSESSL_NONE.rawValue : CURLUSESSL_ALL.rawValue))
        if request.trust.certificateName != nil {
            // The name in the URL is what the certificate is checked against; this is where it leads.
            easy.set(CURLOPT_CONNECT_TO, list: ["::\(HostName.inURL(endpoint.host)):\(endpoint.port)"])
        }
    }

    private func setTrust(_ bundle: CABundle) {
        easy.set(trust: request.trust, bundle: bundle)
        // Each handle would keep a session with the server's certificates, which no other handle could use.
        easy.set(CURLOPT_SSL_SESSIONID_CACHE, 0)
    }

    private func setTimes() {
        let milliseconds = max(1, Int(request.timeout.inMilliseconds))
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        easy.set(CURLOPT_TIMEOUT_MS, milliseconds)
        easy.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, milliseconds / 1000 + 1))
        // Routers forget idle connections after some minutes.
        easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        easy.set(CURLOPT_TCP_KEEPIDLE, 120)
        easy.set(CURLOPT_TCP_KEEPINTVL, 60)
    }
}

private let headerFunction: DataFunction = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    let attempt = Unmanaged<ConnectAttempt>.fromOpaque(context).takeUnretainedValue()
    return attempt.received(line) ? line.count : 0
}

/// Called when TLS is about to start, with the proxy or the server: nothing comes in clear afterwards.
private let tlsFunction: curl_ssl_ctx_callback = { _, _, context in
    guard let context else { return CURLE_FAILED_INIT }
    Unmanaged<ConnectAttempt>.fromOpaque(context).takeUnretainedValue().startedTLS()
    return CURLE_OK
}
