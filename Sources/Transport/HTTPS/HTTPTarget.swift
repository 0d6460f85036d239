import CLibcurl
import Diagnostics
import MailModel

/// Where a request goes: the address, taken apart by the one who will use it.
struct HTTPTarget: Hashable {
    var scheme: String
    var host: String
    var port: Int

    /// - Throws: `Failure` when the address cannot be used, or would be used without TLS beyond this machine.
    init(_ request: HTTPRequest) throws(Failure) {
        guard let url = curl_url() else { fatalError("libcurl has no memory for a URL") }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, request.url, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let scheme = HTTPTarget.part(CURLUPART_SCHEME, of: url), ["http", "https"].contains(scheme),
            let host = HTTPTarget.part(CURLUPART_HOST, of: url),
            let port = HTTPTarget.part(CURLUPART_PORT, of: url, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) })
        else { throw HTTPTarget.refused(request, "is not an address that can be used") }
        guard scheme == "https" || request.unixSocketPath != nil || HostName.isLoopback(host) else {
            throw HTTPTarget.refused(request, "would be reached without TLS; use https")
        }
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    var isLocal: Bool { HostName.isLoopback(host) }

    private static func part(_ part: CURLUPart, of url: OpaquePointer, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    private static func refused(_ request: HTTPRequest, _ why: String) -> Failure {
        // An address with a password in it shows nothing.
        let shown = request.url.contains("@") ? "The address" : request.url.prefix { $0 != "?" && $0 != "#" }
        return Failure(
            .account, .whenReconfigured(by: .operatorOfPostbote), operation: request.operation,
            reason: "\(shown) \(why).")
    }
}
