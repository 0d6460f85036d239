extension MessageHeaders {
    /// Whether this is what Exchange sends in place of a message that it cannot render: a mail of its own making, from
    /// “Microsoft Exchange Server”, that names the message. It is no message, and the real one may come another time.
    public var isExchangeStub: Bool {
        guard let from = value(of: .from), HeaderText.decode(from).contains("Microsoft Exchange Server") else {
            return false
        }
        let subject = subject
        return ["IMAP4", "IMAP", "POP3", "POP"].contains {
            subject.hasPrefix("Retrieval using the \($0) protocol failed for the following message")
        }
    }
}
