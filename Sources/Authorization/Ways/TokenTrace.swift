import Diagnostics

/// What a trace shows of one request to a provider: where it goes and what for, and of the reply what is no token.
struct TokenTrace {
    private let request: TokenRequest
    private let channels: [TraceChannel]

    init(_ request: TokenRequest, _ traces: [TraceTap]) {
        self.request = request
        channels = traces.filter(\.isOpen).map { tap in
            let withholding = Withholding(request.form.secrets)
            return tap.channel("token") { withholding($0) }
        }
    }

    func began() {
        // What stands in a query is left out, and so are user and password of a URL.
        let address = request.url.prefix { $0 != "?" && $0 != "#" }
        let place = address.contains("@") ? "…" : String(address)
        let grant = request.form.text("grant_type").map { " grant_type=\($0)" } ?? ""
        let client = request.form.text("client_id").map { " client_id=\($0)" } ?? ""
        for channel in channels { channel.client("POST \(place)\(grant)\(client)") }
    }

    func ended(_ reply: TokenReply) {
        for channel in channels { channel.server(text(of: reply)) }
    }

    func failed(_ error: any Error) {
        let reason = (error as? Failure)?.reason ?? "it was broken off"
        for channel in channels { channel.note("\(request.kind.rawValue): \(reason)") }
    }

    private func text(of reply: TokenReply) -> String {
        let json = reply.json
        var words = ["\(reply.status)"]
        if let error = json.flatMap({ TokenError($0, words: ServerText(without: request.form.secrets)) }) {
            words.append("error=\(error.error)")
            if let suberror = error.suberror { words.append("suberror=\(suberror)") }
            words += error.numbers.map { "AADSTS\($0)" }
        } else if let json {
            if let type = json["token_type"]?.string, type.lowercased() == "bearer" {
                words.append("token_type=Bearer")
            }
            if let lifetime = json["expires_in"]?.integer { words.append("expires_in=\(lifetime)") }
            let granted = ["access_token", "refresh_token", "id_token"].filter { json[$0]?.string != nil }
            words += granted.map { "\($0)=<secret>" }
        } else if !reply.body.isEmpty {
            words.append("[\(reply.body.count) octets that are no JSON object]")
        }
        if let wait = reply.retryAfter { words.append("Retry-After=\(wait)") }
        return words.joined(separator: " ")
    }
}
