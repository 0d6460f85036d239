import Diagnostics

extension ConnectionTrial {
    /// How far the connection came, a line a fact, for a trace; why it came no further is its failure's to say.
    var told: [String] {
        var lines: [String] = []
        let whose = isThroughProxy ? "the proxy at " : ""
        if let address {
            let others = tried.filter { $0 != address }
            let before = others.isEmpty ? "" : ", after trying \(others.joined(separator: ", "))"
            let time = connected.map { " in \($0.inMilliseconds) ms" } ?? ""
            lines.append("\(whose)\(address) answered\(time)\(before)")
        } else if !tried.isEmpty {
            lines.append("tried \(whose)\(tried.joined(separator: ", "))")
        }
        guard isSecure || tlsVersion != nil || certificate != nil else { return lines }
        var facts = [tlsVersion ?? "TLS"]
        if let certificate {
            facts.append("certificate for \(certificate.names.joined(separator: ", "))")
            if let issuer = certificate.issuer { facts.append("issued by \(issuer)") }
            if let end = certificate.notAfter { facts.append("good until \(end)") }
        }
        lines.append(facts.joined(separator: ", "))
        return lines
    }
}

extension ConnectionRequest {
    /// What is about to be tried, for a trace.
    var attemptTold: String {
        let way = usedProxy.map { " through \($0.url)" } ?? ""
        let name = trust.certificateName.map { ", certificate name \($0)" } ?? ""
        return "connecting to \(endpoint.host):\(endpoint.port) (tls: \(endpoint.tls.rawValue)\(name))\(way)"
    }
}

extension TraceChannel {
    /// What the server said before anybody signed in, the commands of libcurl left out.
    func serverLines(of preamble: Preamble) {
        for part in [preamble.greeting, preamble.capabilities] {
            for line in String(decoding: part, as: UTF8.self).split(whereSeparator: \.isNewline) {
                server(String(line))
            }
        }
    }
}
