extension SMTPReply {
    /// The reply as a trace shows it, in the lines in which it came.
    var heard: String {
        guard code != 334 else { return "334 " + HeardLines.challenge(Array((lines.last ?? "").utf8).trimmed) }
        return lines.enumerated().map { index, text in "\(code)\(index + 1 < lines.count ? "-" : " ")\(text)" }
            .joined(separator: "\n")
    }
}
