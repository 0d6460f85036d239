import Diagnostics

/// What the server said before anything was asked of it: its greeting, and its capabilities if it told them.
///
/// Read from the lines that the transport saw while it opened the connection; with STARTTLS those before TLS are among
/// them, which is why the last capabilities count (RFC 3501 §6.2.1).
public struct IMAPGreeting: Hashable, Sendable {
    public var reply: IMAPReply
    public var capabilities: IMAPCapabilities?

    public var serverKind: IMAPServerKind {
        IMAPServerKind(greeting: reply.text, capabilities: capabilities ?? IMAPCapabilities())
    }

    /// - Parameter lines: everything the server sent so far, in order, with its line ends.
    /// - Throws: when the server did not greet, or greeted with BYE.
    public init(lines: [UInt8], limits: IMAPLimits = IMAPLimits()) throws(Failure) {
        var parser = IMAPResponseParser(limits: limits)
        parser.feed(lines.last == 0x0A ? lines : lines + [0x0D, 0x0A])
        var greeting: IMAPReply?
        var capabilities: IMAPCapabilities?
        while let event = try parser.next() {
            guard case .untagged(let response) = event else { continue }
            if case .status(let reply) = response, greeting == nil { greeting = reply }
            capabilities = IMAPGreeting.capabilities(in: response) ?? capabilities
        }
        guard let greeting else { throw .outOfStep("The server did not greet as an IMAP server does.") }
        guard greeting.status != .bye else { throw IMAPClassifier.failure(for: greeting, during: .connect) }
        reply = greeting
        self.capabilities = capabilities
    }

    static func capabilities(in response: IMAPResponse) -> IMAPCapabilities? {
        switch response {
        case .capability(let capabilities): capabilities
        case .status(let reply): reply.capabilities
        default: nil
        }
    }
}

extension IMAPReply {
    /// The capabilities that came with the reply, which saves asking.
    var capabilities: IMAPCapabilities? {
        if case .capability(let capabilities) = code { capabilities } else { nil }
    }
}
