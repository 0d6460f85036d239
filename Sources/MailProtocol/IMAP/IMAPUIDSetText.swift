import MailModel

extension UIDSet {
    /// The set as IMAP writes it, in pieces of at most `limit` octets: each fits into a command line.
    func pieces(ofOctets limit: Int) -> [String] {
        var pieces: [String] = []
        var current = ""
        for range in ranges {
            let text = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound):\(range.upperBound)"
            if !current.isEmpty, current.utf8.count + 1 + text.utf8.count > limit {
                pieces.append(current)
                current = ""
            }
            current += current.isEmpty ? text : ",\(text)"
        }
        return current.isEmpty ? pieces : pieces + [current]
    }
}
