/// What follows MAIL or RCPT: `FROM:<path> parameters`, without any space before the path (RFC 5321 §3.3).
struct SMTPPathCommand {
    let path: String
    let parameters: [String]

    init?(_ argument: String, keyword: String) {
        let words = argument.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words[0].uppercased().hasPrefix(keyword + ":<"), words[0].hasSuffix(">"), !words.contains("") else {
            return nil
        }
        path = String(words[0].dropFirst(keyword.count + 2).dropLast())
        guard !path.contains("<"), path.isEmpty || path.contains("@") else { return nil }
        parameters = Array(words.dropFirst())
    }

    var isASCII: Bool { path.utf8.allSatisfy { $0 < 128 } }
}
