import CLibcurl
import MailModel

/// Gathers the server's lines while libcurl connects, and forgets the capabilities that were told in clear.
struct PreambleCollector {
    private(set) var preamble = Preamble()
    /// The last line the server sent, for a failure to quote.
    private(set) var lastLine: [UInt8] = []
    /// Whether the server sent more than a preamble ever holds.
    private(set) var overflow = false

    private let service: MailService
    private var greetingIsComplete = false

    init(service: MailService) { self.service = service }

    var hasGreeting: Bool { greetingIsComplete }

    /// Returns whether there was room for it.
    mutating func line(_ bytes: some Collection<UInt8>) -> Bool {
        guard preamble.greeting.count + preamble.capabilities.count + bytes.count <= Limits.preamble else {
            overflow = true
            return false
        }
        lastLine = Array(bytes)
        guard greetingIsComplete else {
            preamble.greeting += bytes
            greetingIsComplete = service != .smtp || !isContinued(lastLine)
            return true
        }
        preamble.capabilities += bytes
        return true
    }

    /// Everything up to here came in clear (RFC 3501 §6.2.1, RFC 2595 §4, RFC 3207 §4.2).
    mutating func secure() { preamble.capabilities = [] }

    /// `220-first line` is followed by another (RFC 5321 §4.2.1).
    private func isContinued(_ line: [UInt8]) -> Bool { line.count > 3 && line[3] == UInt8(ascii: "-") }
}
