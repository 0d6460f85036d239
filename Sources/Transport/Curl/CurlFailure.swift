import CLibcurl
import Diagnostics
import Glibc
import MailModel

/// Turns what libcurl says into a `Failure`, once and here: what happened, where, and what the operator should check.
enum CurlFailure {
    /// How far a connection had come.
    enum Stage: String, Sendable, CaseIterable {
        case nameLookup = "looking up the name"
        case connecting = "connecting"
        case tls = "starting TLS"
        case greeting = "waiting for the greeting"
        case capabilities = "waiting for the capabilities"
        case established = "using the connection"
    }

    /// Whom the connection was for.
    struct Peer: Hashable, Sendable, CustomStringConvertible {
        var host: String
        var port: Int
        var tls: Endpoint.TLSMode
        var certificateName: String?
        var hasCAFile = false
        var proxy: String?
        var timeout: Duration

        var description: String { "\(HostName.inURL(host)):\(port)" }
    }

    /// What libcurl knows of a failure.
    struct Facts: Sendable {
        var code: CURLcode
        /// libcurl's words.
        var text: String
        /// OpenSSL's verdict on the certificate (X509_V_ERR_…), 0 when it had none against it.
        var verifyResult: Int
        /// errno, 0 when the operating system had no part in it.
        var osError: Int32
        var stage: Stage
        /// The last line the server sent.
        var serverLine: [UInt8]
    }

    /// The connection did not come about.
    static func connecting(_ facts: Facts, peer: Peer, operation: String = "connect") -> Failure {
        let reason = reason(facts, peer)
        let quotes = facts.code == CURLE_WEIRD_SERVER_REPLY || facts.code == CURLE_USE_SSL_FAILED
        return failure(
            operation, reason, peer: peer, retry: retry(facts),
            serverLine: quotes || facts.stage == .capabilities ? quoted(facts.serverLine) : nil)
    }

    /// An established connection broke.
    static func lost(_ facts: Facts, operation: String, peer: Peer) -> Failure {
        failure(operation, "The connection to \(peer) was lost: \(cause(facts)).", peer: peer)
    }

    static func timedOut(operation: String, after timeout: Duration, peer: Peer) -> Failure {
        failure(operation, "\(peer) did not answer within \(seconds(timeout)).", peer: peer)
    }

    static func closed(operation: String, peer: Peer) -> Failure {
        failure(operation, "The connection to \(peer) was closed on our side.", peer: peer, retry: .now)
    }

    static func closedByServer(operation: String, peer: Peer) -> Failure {
        failure(operation, "\(peer) has closed the connection.", peer: peer, retry: .now)
    }

    static func outOfStep(peer: Peer) -> Failure {
        failure("write", "An earlier write to \(peer) was left unfinished.", peer: peer, retry: .now)
    }

    private static func failure(
        _ operation: String, _ reason: String, peer: Peer, retry: Failure.Retry = .later(after: nil),
        serverLine: String? = nil
    ) -> Failure {
        Failure(
            .direction, retry, operation: operation, reason: reason, serverLine: serverLine,
            place: ["host": peer.description])
    }

    /// Only what no server can mend waits for the configuration.
    private static func retry(_ facts: Facts) -> Failure.Retry {
        switch facts.code {
        case CURLE_URL_MALFORMAT, CURLE_SSL_CACERT_BADFILE, CURLE_UNSUPPORTED_PROTOCOL:
            .whenReconfigured(by: .operatorOfPostbote)
        default: .later(after: nil)
        }
    }

    private static func reason(_ facts: Facts, _ peer: Peer) -> String {
        switch facts.code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return "The name \(peer.host) could not be found. Check the host and this machine's name servers."
        case CURLE_COULDNT_RESOLVE_PROXY:
            return "The name of the proxy \(peer.proxy ?? "") could not be found. Check proxy."
        case CURLE_OPERATION_TIMEDOUT: return timeoutReason(facts, peer)
        case CURLE_COULDNT_CONNECT: return connectReason(facts, peer)
        case CURLE_PEER_FAILED_VERIFICATION: return certificateReason(facts, peer)
        case CURLE_SSL_CACERT_BADFILE:
            return "The trusted certificates could not be read: \(cause(facts)). Check ca_file and ca-certificates."
        case CURLE_SSL_CONNECT_ERROR: return tlsReason(facts, peer)
        case CURLE_USE_SSL_FAILED: return startTLSReason(facts, peer)
        case CURLE_PROXY: return "The proxy \(peer.proxy ?? "") refused: \(cause(facts)). Check proxy."
        case CURLE_WEIRD_SERVER_REPLY where !facts.serverLine.isEmpty: return "\(peer) turned the connection away."
        case CURLE_WRITE_ERROR: return "\(peer) sent more than 64 KB before signing in."
        case CURLE_RECV_ERROR where facts.text.contains("CONNECT"):
            return "The proxy \(peer.proxy ?? "") does not lead to \(peer): \(cause(facts)). Check proxy."
        default: return "The connection to \(peer) failed while \(facts.stage.rawValue): \(cause(facts))."
        }
    }

    private static func timeoutReason(_ facts: Facts, _ peer: Peer) -> String {
        let after = "within \(seconds(peer.timeout))"
        let via = peer.proxy.map { " through the proxy \($0)" } ?? ""
        switch facts.stage {
        case .nameLookup:
            return "No name server answered for \(peer.proxy.map { "the proxy \($0)" } ?? peer.host) \(after). "
                + "Check this machine's name servers."
        case .connecting:
            return "\(peer) did not accept the connection\(via) \(after). Check host, port and firewall."
        case .tls: return "\(peer) accepted the connection\(via) but did not start TLS \(after). \(tlsAdvice(peer))"
        case .greeting:
            return "\(peer) accepted the connection\(via) but sent no greeting \(after). \(tlsAdvice(peer))"
        case .capabilities: return "\(peer) greeted but then did not answer \(after)."
        case .established: return "\(peer) was connected to\(via) but did not answer \(after)."
        }
    }

    private static func connectReason(_ facts: Facts, _ peer: Peer) -> String {
        let place = peer.proxy.map { "The proxy \($0)" } ?? "\(peer)"
        switch facts.osError {
        case ECONNREFUSED: return "\(place) refused the connection: nothing listens there. Check host and port."
        case ENETUNREACH, EHOSTUNREACH: return "\(place) cannot be reached: \(cause(facts)). Check the network."
        default: return "\(place) could not be connected to: \(cause(facts)). Check host, port and firewall."
        }
    }

    private static func certificateReason(_ facts: Facts, _ peer: Peer) -> String {
        let trust = peer.hasCAFile ? "Check ca_file." : "If it is to be trusted, name its issuer's file with ca_file."
        let name = peer.certificateName ?? peer.host
        switch facts.verifyResult {
        case 9: return "The certificate of \(peer) is not valid yet. Check this machine's clock."
        case 10: return "The certificate of \(peer) has expired. Its server must get a new one."
        case 18, 19: return "The certificate of \(peer) is self-signed and not trusted. \(trust)"
        case 2, 20, 21: return "The certificate of \(peer) comes from an issuer that is not trusted. \(trust)"
        case 23: return "The certificate of \(peer) has been revoked."
        // libcurl compares the name itself, before it asks OpenSSL for the verdict: it is still "unspecified" then.
        case 0, 1:
            return "The certificate of \(peer) is for another name than \(name). Check host, or name it with "
                + "certificate_name."
        default: return "The certificate of \(peer) is not good: \(cause(facts))."
        }
    }

    private static func tlsReason(_ facts: Facts, _ peer: Peer) -> String {
        if facts.text.contains("wrong version number") || facts.text.contains("record layer") {
            return "\(peer) does not speak TLS. \(tlsAdvice(peer))"
        }
        if facts.text.contains("protocol version") || facts.text.contains("unsupported protocol") {
            return "\(peer) offers no TLS 1.2 or later, which is required."
        }
        return "TLS with \(peer) could not be started: \(cause(facts))."
    }

    private static func startTLSReason(_ facts: Facts, _ peer: Peer) -> String {
        facts.text.contains("denied")
            ? "\(peer) refused to start TLS, which tls: starttls requires."
            : "\(peer) does not offer STARTTLS, which tls: starttls requires. Check port and tls; if it used to, "
                + "somebody on the way may be removing it."
    }

    private static func tlsAdvice(_ peer: Peer) -> String {
        peer.tls == .implicit
            ? "Check port and tls: it may want tls: starttls." : "Check port and tls: it may want tls: implicit."
    }

    /// libcurl's words, or the operating system's, without a final dot. libcurl names no secret in them.
    private static func cause(_ facts: Facts) -> String {
        if !facts.text.isEmpty { return facts.text.hasSuffix(".") ? String(facts.text.dropLast()) : facts.text }
        if facts.osError != 0 { return SystemError(code: facts.osError).description }
        return String(cString: curl_easy_strerror(facts.code))
    }

    /// One line, printable, of bounded length.
    private static func quoted(_ line: [UInt8]) -> String? {
        guard !line.isEmpty else { return nil }
        let text = String(decoding: line.prefix(Limits.serverLine), as: UTF8.self)
        let printable = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        return String(String.UnicodeScalarView(printable))
    }

    private static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return attoseconds == 0 ? "\(seconds) s" : "\(duration.inMilliseconds) ms"
    }
}
