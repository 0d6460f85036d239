import Diagnostics

/// What an operator wants to know of a server's certificate.
public struct CertificateFacts: Hashable, Sendable {
    /// The host names it is for (RFC 5280 §4.2.1.6); where it has none, its subject.
    public var names: [String]
    public var issuer: String?
    /// Good until then (RFC 5280 §4.1.2.5).
    public var notAfter: Timestamp?

    /// - Parameter lines: as libcurl tells them, `Name:value`; empty: there is no certificate.
    init?(_ lines: [String]) {
        guard !lines.isEmpty else { return nil }
        var fields: [Substring: Substring] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon]] = line[line.index(after: colon)...]
        }
        let alternatives = (fields["X509v3 Subject Alternative Name"] ?? "").split(separator: ",")
            .compactMap { name -> String? in
                let text = name.drop { $0 == " " }
                return ["DNS:", "IP Address:"].first(where: text.hasPrefix).map { String(text.dropFirst($0.count)) }
            }
        names = alternatives.isEmpty ? [fields["Subject"]].compactMap { $0.map(String.init) } : alternatives
        issuer = fields["Issuer"].map(String.init)
        notAfter = fields["Expire date"].flatMap { CertificateFacts.moment($0) }
    }

    /// `Nov 27 00:26:34 2036 GMT`, as OpenSSL prints it; libcurl has no other form.
    static func moment(_ text: some StringProtocol) -> Timestamp? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == ":" })
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 7, words[6] == "GMT", let month = months.firstIndex(of: String(words[0])),
            let day = Int64(words[1]), let hour = Int64(words[2]), let minute = Int64(words[3]),
            let second = Int64(words[4]), let year = Int64(words[5]), (1...9999).contains(year)
        else { return nil }
        let days = Timestamp.days(year: year, month: Int64(month) + 1, day: day)
        return Timestamp(seconds: days * 86400 + hour * 3600 + minute * 60 + second)
    }
}
