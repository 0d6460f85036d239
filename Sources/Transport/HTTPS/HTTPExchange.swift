import CLibcurl
import Diagnostics
import MailModel

/// One request under way: libcurl's handle and what has come of the response. Confined to the loop.
final class HTTPExchange {
    let easy = CurlEasy()
    private(set) var collector: HTTPResponseCollector
    let body: BodyFile?
    private let request: HTTPRequest
    private let target: HTTPTarget
    private let usedProxy: Proxy?
    private var hasStartedTLS = false

    init(_ request: HTTPRequest, to target: HTTPTarget, bundle: CABundle, body: BodyFile?) throws(Failure) {
        self.request = request
        self.target = target
        self.body = body
        collector = HTTPResponseCollector(limit: request.responseLimit, take: request.take)
        let isDirect = target.isLocal || request.unixSocketPath != nil
        usedProxy = isDirect ? nil : request.proxy.flatMap { $0.serves(target.host) ? $0 : nil }
        try setTarget(bundle)
        try setFields()
        setMethodAndBody()
        setCallbacks()
    }

    func failure(_ code: CURLcode) -> Failure {
        let peer = CurlFailure.Peer(
            host: target.host, port: target.port, tls: target.scheme == "https" ? .implicit : .none,
            certificateName: request.trust.certificateName, hasCAFile: request.trust.caFile != nil,
            proxy: usedProxy?.url, timeout: request.timeout)
        let facts = CurlFailure.Facts(
            code: code, text: easy.errorText, verifyResult: easy.long(CURLINFO_SSL_VERIFYRESULT),
            osError: Int32(truncatingIfNeeded: easy.long(CURLINFO_OS_ERRNO)), stage: stage, serverLine: [])
        var failure = CurlFailure.connecting(facts, peer: peer, operation: request.operation)
        failure.scope = .account
        if let path = request.unixSocketPath { failure.place["host"] = path }
        if let reason = ownReason(peer) { failure.reason = reason }
        return failure
    }

    /// The callbacks end here: the handle may outlive this object.
    func finish() {
        libcurl_set_tls_function(easy.handle, nil).expect("CURLOPT_SSL_CTX_FUNCTION")
        for option in [CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA] { easy.set(option, pointer: nil) }
    }

    /// What libcurl only knows as a callback that refused.
    private func ownReason(_ peer: CurlFailure.Peer) -> String? {
        switch collector.excess {
        case .headers: return "\(peer) sent more header fields than \(Limits.responseHeaders) bytes."
        case .body: return "\(peer) sent a longer response than \(request.responseLimit) bytes."
        case nil: break
        }
        return body?.assumeIsolated { $0.trouble }.map { "The body could not be read: \($0)." }
    }

    /// As in `ConnectAttempt`, TLS is known by its own beginning.
    private var stage: CurlFailure.Stage {
        if easy.offset(CURLINFO_PRETRANSFER_TIME_T) > 0 { return .established }
        if hasStartedTLS { return .tls }
        if request.unixSocketPath != nil { return .connecting }
        return easy.offset(CURLINFO_NAMELOOKUP_TIME_T) > 0 ? .connecting : .nameLookup
    }

    private func setTarget(_ bundle: CABundle) throws(Failure) {
        easy.set(CURLOPT_URL, request.url)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        easy.set(CURLOPT_FOLLOWLOCATION, 0)
        easy.set(trust: request.trust, bundle: bundle)
        easy.set(proxy: usedProxy)
        if let path = request.unixSocketPath { easy.set(CURLOPT_UNIX_SOCKET_PATH, path) }
        let milliseconds = max(1, Int(request.timeout.inMilliseconds))
        easy.set(CURLOPT_TIMEOUT_MS, milliseconds)
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds)
        // A request on a kept connection that turns out dead is sent again by libcurl.
        easy.set(CURLOPT_FRESH_CONNECT, request.mayBeRepeated && body == nil ? 0 : 1)
    }

    private func setFields() throws(Failure) {
        var lines: [String] = []
        for (name, value) in request.headers.fields {
            guard HTTPExchange.isToken(name), !value.utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else {
                throw Failure(
                    .account, .whenReconfigured(by: .operatorOfPostbote), operation: request.operation,
                    reason: "The header field \"\(name.prefix(64))\" has a name or value that HTTP does not allow.")
            }
            // libcurl takes "Name:" as a wish to leave the field out.
            lines.append(value.isEmpty ? "\(name);" : "\(name): \(value)")
        }
        // No waiting for an interim response, and no type that was not asked for.
        if request.headers["Expect"] == nil { lines.append("Expect:") }
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        easy.set(CURLOPT_HTTPHEADER, list: lines)
    }

    private func setMethodAndBody() {
        switch request.body {
        case .none:
            if request.method == "HEAD" { easy.set(CURLOPT_NOBODY, 1) }
            if ["POST", "PUT", "PATCH"].contains(request.method) { setBytes([]) }
        case .bytes(let bytes): setBytes(bytes)
        case .file(_, let length):
            easy.set(CURLOPT_UPLOAD, 1)
            easy.set(CURLOPT_INFILESIZE_LARGE, offset: length ?? -1)
        }
        if request.method != "HEAD" { easy.set(CURLOPT_CUSTOMREQUEST, request.method) }
    }

    private func setBytes(_ bytes: [UInt8]) {
        easy.set(CURLOPT_POST, 1)
        easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: Int64(bytes.count))
        // libcurl copies them.
        bytes.withUnsafeBytes {
            easy.set(CURLOPT_COPYPOSTFIELDS, pointer: UnsafeMutableRawPointer(mutating: $0.baseAddress))
        }
    }

    private func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        easy.set(CURLOPT_HEADERFUNCTION, function: headerFunction)
        easy.set(CURLOPT_HEADERDATA, pointer: context)
        easy.set(CURLOPT_WRITEFUNCTION, function: writeFunction)
        easy.set(CURLOPT_WRITEDATA, pointer: context)
        easy.set(CURLOPT_READFUNCTION, function: readFunction)
        easy.set(CURLOPT_READDATA, pointer: context)
        libcurl_set_tls_function(easy.handle, tlsFunction).expect("CURLOPT_SSL_CTX_FUNCTION")
        easy.set(CURLOPT_SSL_CTX_DATA, pointer: context)
    }

    fileprivate func received(line: UnsafeRawBufferPointer) -> Bool { collector.line(line) }
    fileprivate func startedTLS() { hasStartedTLS = true }
    fileprivate func received(body: UnsafeRawBufferPointer) -> Bool { collector.body(body) }
    fileprivate func wanted(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let body else { return 0 }
        // The buffer is libcurl's and is filled before this returns; nobody else sees it.
        nonisolated(unsafe) let buffer = buffer
        return body.assumeIsolated { $0.take(into: buffer) }
    }

    /// A field name (RFC 9110 §5.6.2).
    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
            }
    }
}

private let headerFunction: DataFunction = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue().received(line: line) ? line.count : 0
}

private let writeFunction: DataFunction = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue().received(body: piece) ? piece.count : 0
}

private let readFunction: DataFunction = { bytes, size, count, context in
    guard let bytes, let context else { return 0 }
    let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue().wanted(buffer)
}

private let tlsFunction: curl_ssl_ctx_callback = { _, _, context in
    guard let context else { return CURLE_FAILED_INIT }
    Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue().startedTLS()
    return CURLE_OK
}
