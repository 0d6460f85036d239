import TestSupport

/// A whole visit to a scripted server, in sections: what is done there, and the steps of the dialog meanwhile.
struct ScriptedVisit: Sendable {
    struct Section: Sendable {
        /// As a failure names it; `nil` for the good-bye, which nothing depends on.
        var operation: String?
        var steps: [Dialog.Step]

        init(_ operation: String?, _ text: String) throws {
            self.operation = operation
            steps = try Dialog(text).steps
        }
    }

    let sections: [Section]

    var dialog: Dialog { Dialog(steps: sections.flatMap(\.steps)) }

    /// What is being done when the server does nothing more after `count` steps.
    func operation(after count: Int) -> String? {
        var end = 0
        for section in sections {
            end += section.steps.count
            if count < end { return section.operation }
        }
        return nil
    }

    private static let message =
        "Message-ID: <1@x.test>\\r\\nDate: Wed, 1 Jan 2025 00:00:00 +0000\\r\\n\\r\\nHello\\r\\n"
    private static let size = message.replacing("\\r\\n", with: "  ").utf8.count

    static func imap() throws -> ScriptedVisit {
        try ScriptedVisit(sections: [
            Section(
                "connect",
                "S: * OK ready\nC: $a CAPABILITY\nS+ * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\nS: $a OK done"),
            Section("sign in", "C: $b AUTHENTICATE PLAIN $*\nS+ * CAPABILITY IMAP4rev1 SASL-IR\nS: $b OK in"),
            Section(
                "LIST",
                "C: $c LIST $*\nS+ * LIST () \"/\" INBOX\nS: $c OK done\nC: $d LSUB $*\nS: * LSUB () \"/\" INBOX\nS: $d OK done"
            ),
            Section(
                "SELECT",
                "C: $e EXAMINE $*\nS: * 1 EXISTS\nS+ * OK [UIDVALIDITY 7] valid\nS+ * OK [UIDNEXT 2] next\nS: $e OK done"
            ),
            Section("UID SEARCH", "C: $f UID SEARCH $*\nS: * SEARCH 1\nS: $f OK done"),
            Section(
                "UID FETCH",
                """
                C: $g UID FETCH 1 (UID RFC822.SIZE $*
                S- * 1 FETCH (UID 1 RFC822.SIZE \(size) BODY[HEADER.FIELDS (MESSAGE-ID)] {\(size)}\\r\\n
                S- \(message)
                S: )
                S: $g OK done
                C: $h UID FETCH 1 (UID BODY.PEEK$*
                S- * 1 FETCH (UID 1 BODY[] {\(size)}\\r\\nMes
                S- \(message.dropFirst(3))
                S: )
                S: $h OK done
                """),
            Section(nil, "C: $i LOGOUT\nS: * BYE\nS: $i OK done"),
        ])
    }

    static func pop3() throws -> ScriptedVisit {
        try ScriptedVisit(sections: [
            Section("connect", "S: +OK ready\nC: CAPA\nS+ +OK\nS+ USER\nS+ UIDL\nS: ."),
            Section("sign in", "C: USER $*\nS: +OK\nC: PASS $*\nS: +OK"),
            Section("STAT", "C: STAT\nS: +OK 1 \(size)"),
            Section("UIDL", "C: UIDL\nS: +OK\nS: 1 one\nS: ."),
            Section("LIST", "C: LIST\nS: +OK\nS: 1 \(size)\nS: ."),
            Section("RETR", "C: RETR 1\nS: +OK\nS- Mes\nS- \(message.dropFirst(3))\nS: ."),
            Section(nil, "C: QUIT\nS: +OK"),
        ])
    }

    static func smtp() throws -> ScriptedVisit {
        try ScriptedVisit(sections: [
            Section("connect", "S: 220 ready\nC: EHLO $*\nS+ 250-x\nS: 250 AUTH PLAIN"),
            Section("sign in", "C: AUTH PLAIN $*\nS: 235 in"),
            Section("MAIL FROM", "C: MAIL FROM:$*\nS: 250 ok"),
            Section("RCPT TO", "C: RCPT TO:$*\nS: 250 ok\nC: RCPT TO:$*\nS: 250 ok"),
            Section("DATA", "C: DATA\nS: 354 go"),
            Section("end of DATA", "C.\nS: 250 queued"),
            Section(nil, "C: QUIT\nS: 221 bye"),
        ])
    }
}
