import TestSupport

/// A full mailbox on a real Dovecot, and what must come of fetching it.
struct BenchmarkMailbox: Sendable {
    enum Content: Sendable {
        /// So many plain messages of 4 KB.
        case small(Int)
        /// So many plain messages of 1 KB.
        case brief(Int)
        /// So many of `MessageCorpus`.
        case realistic(Int)
        /// So many of `MessageCorpus`, and a plain one of so many octets.
        case realisticAndLarge(Int, Int)

        var count: Int {
            switch self {
            case .small(let count), .brief(let count), .realistic(let count): count
            case .realisticAndLarge(let count, _): count + 1
            }
        }

        var messages: AnySequence<[UInt8]> {
            switch self {
            case .small(let count): AnySequence(MessageCorpus().small(count))
            case .brief(let count): AnySequence(MessageCorpus().small(count, size: 1000))
            case .realistic(let count): AnySequence(MessageCorpus().messages(count))
            case .realisticAndLarge(let count, let octets):
                AnySequence(
                    [
                        AnySequence(MessageCorpus().messages(count)),
                        AnySequence(MessageCorpus().small(1, size: octets)),
                    ]
                    .joined())
            }
        }
    }

    static let user = "anna@example.test"

    let content: Content
    let dovecot: DovecotServer
    let authorization: AuthorizationServer

    static func start(_ content: Content) async throws -> BenchmarkMailbox {
        let options = AuthorizationOptions()
        let authorization = try await AuthorizationServer.start(options)
        var dovecotOptions = DovecotOptions(users: [.init(user)])
        dovecotOptions.signer = options.signer
        let dovecot = try await DovecotServer.start(dovecotOptions)
        try dovecot.deliver(content.messages, to: user)
        // The first look of any client makes Dovecot's index; it is not what is measured.
        try await dovecot.doveadm("exec", "imap", "-u", user, input: Array("a EXAMINE INBOX\r\nb LOGOUT\r\n".utf8))
        return BenchmarkMailbox(content: content, dovecot: dovecot, authorization: authorization)
    }

    var password: String { "password-of-\(BenchmarkMailbox.user)" }

    func stop() async {
        await dovecot.stop()
        await authorization.stop()
    }

    /// Throws unless `directory` holds each message of the mailbox, once.
    ///
    /// - Parameter byMbsync: mbsync writes lines with LF and a header of its own, which are left out of the comparison; and
    ///   it refuses messages whose header does not end with an empty line, such as an empty one.
    func check(_ directory: String, of name: String, byMbsync rewritten: Bool) throws {
        var open: [Int: Int] = [:]
        var refused = 0
        for message in content.messages {
            open[fingerprint(message, rewritten), default: 0] += 1
            if rewritten, !message.contains(endOfHeader) { refused += 1 }
        }
        let names = Directory.names(in: directory)
        guard names.count == content.count - refused else {
            throw WrongResult("\(name) delivered \(names.count) of \(content.count) messages")
        }
        for file in names {
            let bytes = try Directory.bytes(of: "\(directory)/\(file)")
            guard let count = open[fingerprint(bytes, rewritten)], count > 0 else {
                throw WrongResult("\(name): \(file) is no message of the mailbox, or there twice")
            }
            open[fingerprint(bytes, rewritten)] = count - 1
        }
    }

    private var endOfHeader: [UInt8] { [13, 10, 13, 10] }

    private func fingerprint(_ message: [UInt8], _ rewritten: Bool) -> Int {
        guard rewritten else { return message.hashValue }
        let lines = message.filter { $0 != 13 }.split(separator: 10, omittingEmptySubsequences: false)
        return lines.filter { !$0.starts(with: Array("X-TUID: ".utf8)) }.hashValue
    }
}
