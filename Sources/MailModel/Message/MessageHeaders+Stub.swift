extension MessageHeaders {
    /// Whether this is what Exchange sends in place of a message that it cannot render: a mail of its own making, from
    /// “Microsoft Exchange Server”, that names the message. It is no message, and the real one may come another time.
    public var isExchangeStub: Bool {
        // Asked of every message: the subject tells all others apart by its beginning, and a search in From takes as long
        // as all else that is read of a header.
        let subject = subject
        guard subject.hasPrefix("Retrieval using the ") else { return false }
        let isNotice = ["IMAP4", "IMAP", "POP3", "POP"].contains {
            subject.hasPrefix("Retrieval using the \($0) protocol failed for the following message")
        }
        guard isNotice, let from = value(of: .from) else { return false }
        return HeaderText.decode(from).contains("Microsoft Exchange Server")
    }
}
